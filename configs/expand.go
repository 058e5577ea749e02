package configs

import (
	"fmt"
	"regexp"
	"strings"
)

// Environment looks up an environment variable; os.LookupEnv outside of tests.
type Environment func(name string) (string, bool)

// variable is the inside of ${…}: a name as shells allow it, perhaps with a default.
var variable = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)(?:(:-)([^}]*))?$`)

// trouble is a problem without its place.
// fix says what to write instead.
type trouble struct{ text, fix string }

// expand replaces ${NAME} and ${NAME:-default} in text; $${ stands for a literal ${. An empty
// variable counts as not set where there is a default.
// What a variable holds is not expanded again, so a secret may hold "${". The cost is linear in the text.
func expand(text string, env Environment) (string, *trouble) {
	var out strings.Builder
	for {
		start := strings.Index(text, "${")
		if start < 0 {
			out.WriteString(text)
			return out.String(), nil
		}
		if start > 0 && text[start-1] == '$' {
			out.WriteString(text[:start-1] + "${")
			text = text[start+2:]
			continue
		}
		end := strings.IndexByte(text[start:], '}')
		if end < 0 {
			return "", &trouble{"a ${ is never closed", "write ${NAME}, or $${ for a literal ${"}
		}
		value, wrong := lookup(text[start+2:start+end], env)
		if wrong != nil {
			return "", wrong
		}
		out.WriteString(text[:start] + value)
		text = text[start+end+1:]
	}
}

// lookup resolves the inside of one ${…}.
func lookup(inside string, env Environment) (string, *trouble) {
	m := variable.FindStringSubmatch(inside)
	if m == nil {
		return "", &trouble{"${…} holds no name of an environment variable", "write ${NAME} or ${NAME:-default}, or $${ for a literal ${"}
	}
	value, found := env(m[1])
	switch {
	case m[2] != "" && value == "":
		return m[3], nil
	case !found:
		return "", &trouble{fmt.Sprintf("the environment variable %s is not set", m[1]),
			fmt.Sprintf("set it, or write ${%s:-default}", m[1])}
	}
	return value, nil
}
