package learn

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Verify reads the files of a written recording again and looks for secrets in
// all their encodings. Its error is a *[LeftError] with every place, and never
// a value: the files must not be kept then.
func Verify(fsys fs.FS, secrets []string) error {
	f := newFinder(secrets)
	var found []Left
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if f.in(name) {
			found = append(found, Left{File: path.Dir(name) + "/…"})
		}
		before := len(found)
		for i, line := range strings.Split(string(text), "\n") {
			if f.in(line) {
				found = append(found, Left{name, i + 1})
			}
		}
		if len(found) == before && f.in(string(text)) {
			found = append(found, Left{name, 1}) // it goes over several lines
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("learn: verify: %w", err)
	}
	if len(found) > 0 {
		return &LeftError{found}
	}
	return nil
}
