package cli

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"flowtest/runner/target"
)

// whoSignsOn says which users a replay knows. The values of those that somebody
// configured may be secrets, and are not shown; those of the built-in ones are made
// up and public.
func whoSignsOn(users map[string]map[string]string, config string) string {
	builtin := reflect.DeepEqual(users, target.Demo())
	var list []string
	for _, name := range slices.Sorted(maps.Keys(users)) {
		user := users[name]
		if builtin {
			list = append(list, fmt.Sprintf("%s (username %s, password %s)", name, user["username"], user["password"]))
			continue
		}
		list = append(list, fmt.Sprintf("%s (%s)", name, strings.Join(slices.Sorted(maps.Keys(user)), ", ")))
	}
	text := strings.Join(list, ", ")
	if !builtin {
		text += "; their values stand in " + config
	}
	return text
}
