package check

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
)

// at returns what the bodies have at a path.
func (r *recorded) at(path string) (found []gjson.Result) {
	for _, body := range r.bodies {
		if v := body.Get(path); v.Exists() {
			found = append(found, v)
		}
	}
	return found
}

// lacksPath reports whether no body has a value at a path, and which path is most like it. What a
// path asks of a value, a run may fill in.
func (r *recorded) lacksPath(path string) (near string, lacks bool) {
	if len(r.at(path)) > 0 {
		return "", false
	}
	names, above := strings.Split(path, "."), r.bodies
	for i, name := range names {
		if strings.ContainsAny(name, `#@|*?{}[]()\!:"=`) {
			return "", false // it asks for more than a name
		}
		if next := r.at(strings.Join(names[:i+1], ".")); len(next) > 0 {
			above = next
			continue
		}
		keys, open := keysOf(above)
		if key := nearestOf(name, keys); key != "" {
			near = strings.Join(slices.Concat(names[:i], []string{key}, names[i+1:]), ".")
			if len(r.at(near)) == 0 {
				near = strings.Join(append(slices.Clone(names[:i]), key), ".")
			}
		}
		return near, !open
	}
	return "", false
}

// keysOf returns the keys of objects, and reports whether a run may fill in another one.
func keysOf(above []gjson.Result) (keys []string, open bool) {
	for _, v := range above {
		if !v.IsObject() {
			open = open || recordings.Variable.MatchString(v.Raw)
			continue
		}
		v.ForEach(func(key, _ gjson.Result) bool {
			if !slices.Contains(keys, key.Str) {
				keys = append(keys, key.Str)
			}
			return true
		})
	}
	return keys, open
}
