package configs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryFolderOnTheWayIsLookedAt: whoever can exchange a folder above a file, or a link to it, has the file.
func TestEveryFolderOnTheWayIsLookedAt(t *testing.T) {
	const nobody = 65534
	for _, c := range []struct {
		name string
		make func(dir string, must func(error)) (path string)
		want string // what is told; empty for nothing
		root bool   // it takes root to set up
	}{
		{"folders of our own", func(dir string, must func(error)) string { return dir + "/a/b/key" }, "", false},
		{"the folder above is open", func(dir string, must func(error)) string { must(os.Chmod(dir+"/a", 0o777)); return dir + "/a/b/key" }, "folder DIR/a has mode 0777", false},
		{"the folder above is open and sticky", func(dir string, must func(error)) string {
			must(os.Chmod(dir+"/a", 0o777|os.ModeSticky))
			return dir + "/a/b/key"
		}, "", false},
		{"a link into an open folder", func(dir string, must func(error)) string {
			must(os.Chmod(dir+"/a", 0o777))
			must(os.Symlink("../a/b/key", dir+"/etc/key"))
			return dir + "/etc/key"
		}, "folder DIR/a has mode 0777", false},
		{"a link in an open folder to a closed one", func(dir string, must func(error)) string {
			must(os.Chmod(dir+"/etc", 0o777))
			must(os.Symlink(dir+"/a/b/key", dir+"/etc/key"))
			return dir + "/etc/key"
		}, "folder DIR/etc has mode 0777", false},
		{"a linked folder that lies in an open one", func(dir string, must func(error)) string {
			must(os.Chmod(dir+"/a", 0o777))
			must(os.Symlink(dir+"/a/b", dir+"/etc/keys"))
			return dir + "/etc/keys/key"
		}, "folder DIR/a has mode 0777", false},
		{"a link to a link to closed ones", func(dir string, must func(error)) string {
			must(os.Symlink("two", dir+"/etc/one"))
			must(os.Symlink("../a/b/key", dir+"/etc/two"))
			return dir + "/etc/one"
		}, "", false},
		{"links in a circle", func(dir string, must func(error)) string {
			must(os.Symlink("two", dir+"/etc/one"))
			must(os.Symlink("one", dir+"/etc/two"))
			return dir + "/etc/one"
		}, "", false},
		{"nothing there", func(dir string, must func(error)) string { return dir + "/etc/none/key" }, "", false},
		{"a folder of another user", func(dir string, must func(error)) string {
			must(os.Chown(dir+"/a", nobody, nobody))
			return dir + "/a/b/key"
		}, "DIR/a belongs to user 65534", true},
		{"a link of another user in a sticky folder", func(dir string, must func(error)) string {
			must(os.Chmod(dir+"/etc", 0o777|os.ModeSticky))
			must(os.Symlink(dir+"/a/b/key", dir+"/etc/key"))
			must(os.Lchown(dir+"/etc/key", nobody, nobody))
			return dir + "/etc/key"
		}, "DIR/etc/key belongs to user 65534", true},
	} {
		if c.root && os.Geteuid() != 0 {
			continue
		}
		dir, err := filepath.EvalSymlinks(t.TempDir())
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(err)
		must(os.MkdirAll(dir+"/a/b", 0o755))
		must(os.Mkdir(dir+"/etc", 0o755))
		must(os.WriteFile(dir+"/a/b/key", nil, 0o600))
		r := &review{validation: (&decoder{places: places{}, unreadable: map[string]bool{}}).validation(), master: -1}
		r.way("keys.master[0].file", c.make(dir, must))
		var got []string
		for _, p := range r.problems {
			got = append(got, strings.ReplaceAll(p.Text, dir, "DIR"))
		}
		if all := strings.Join(got, "; "); c.want == "" && all != "" || !strings.Contains(all, c.want) {
			t.Errorf("%s: %q, want %q", c.name, all, c.want)
		}
	}
}
