package figures

import (
	"fmt"
	"slices"
	"strings"
)

// products are the packages that are no tests: a package clause over a comment alone is none.
func products(tree []pkg) []pkg {
	return slices.DeleteFunc(slices.Clone(tree), func(p pkg) bool { return p.code() <= 1 })
}

func sum[T any](of []T, f func(T) int) (n int) {
	for _, v := range of {
		n += f(v)
	}
	return n
}

func each(of []pkg, f func(pkg) int) (out []int) {
	for _, p := range of {
		out = append(out, f(p))
	}
	return out
}

func median(of []int) int { return quantile(of, 50) }

// quantile is the smallest value that so many per cent of all do not pass.
func quantile(of []int, percent int) int {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	return sorted[max((len(sorted)*percent+99)/100, 1)-1]
}

// table shows the whole, each package, and how files lean on each other in the rooms that are knots.
func table(tree []pkg) string {
	var out strings.Builder
	p := products(tree)
	var functions []int
	for _, one := range p {
		functions = append(functions, one.functions()...)
	}
	code, comments := sum(p, pkg.code), sum(p, pkg.comments)
	tests := sum(tree, pkg.testCode)
	row := func(what, format string, args ...any) {
		fmt.Fprintf(&out, "| %s | "+format+" |\n", append([]any{what}, args...)...)
	}
	row("packages", "%d", len(p))
	row("code lines", "%d", code)
	row("code lines of a package, median and largest", "%d, %d", median(each(p, pkg.code)), slices.Max(each(p, pkg.code)))
	row("exported names of a package, median and most", "%d, %d", median(each(p, pkg.exported)), slices.Max(each(p, pkg.exported)))
	row("exported methods of the widest type", "%d", slices.Max(each(p, pkg.widest)))
	row("lines of a function, p50, p90, p99, most", "%d, %d, %d, %d", median(functions), quantile(functions, 90), quantile(functions, 99), slices.Max(functions))
	row("test lines to a code line", "%.2f", ratio(tests, code))
	row("comment lines", "%.0f %%", 100*ratio(comments, code+comments))
	for _, room := range []string{"channels", "pipeline", "workers", "workers/store", "cmd/frontdesk"} {
		row("`"+room+"`: packages, imports between them; files, arrows between those of a package, files in circles, the largest circle", "%s", lean(p, room))
	}
	fmt.Fprintf(&out, "\n| package | code | exported | widest type | longest function | test ÷ code | comments |\n|---|--:|--:|--:|--:|--:|--:|\n")
	for _, one := range p {
		fmt.Fprintf(&out, "| `%s` | %d | %d | %d | %d | %.2f | %.0f %% |\n", one.folder, one.code(), one.exported(), one.widest(), one.longest(),
			ratio(one.testCode(), one.code()), 100*ratio(one.comments(), one.code()+one.comments()))
	}
	return out.String()
}

// lean counts how the packages of a room, and the files of each of them, lean on each other. A room within a room is one of
// its own.
func lean(tree []pkg, room string) string {
	packages, imported, files, arrows, circling, largest := 0, 0, 0, 0, 0, 0
	for _, p := range tree {
		if roomOf(p.folder) != room {
			continue
		}
		packages++
		imported += len(slices.DeleteFunc(p.imported(), func(folder string) bool { return roomOf(folder) != room }))
		uses := p.arrows()
		files += len(uses)
		for _, to := range uses {
			arrows += len(to)
		}
		for _, c := range circles(uses) {
			circling += len(c)
			largest = max(largest, len(c))
		}
	}
	return fmt.Sprintf("%d, %d; %d, %d, %d, %d", packages, imported, files, arrows, circling, largest)
}

// roomOf is the first part of a folder, or two parts where that is a room of its own.
func roomOf(folder string) string {
	parts := strings.Split(folder, "/")
	if two := strings.Join(parts[:min(2, len(parts))], "/"); two == "workers/store" || two == "cmd/frontdesk" {
		return two
	}
	return parts[0]
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
