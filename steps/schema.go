package steps

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/tidwall/gjson"
)

const (
	schemaScheme = "file:///"
	mostSchema   = 4 << 20 // bytes
)

// drafts are those of JSON Schema that are known, by the name that a schema gives, without
// the # at its end, as the library wants them.
var drafts = map[string]string{
	"": "",
	"https://json-schema.org/draft/2020-12/schema": "https://json-schema.org/draft/2020-12/schema",
	"http://json-schema.org/draft-07/schema":       "http://json-schema.org/draft-07/schema#",
	"https://json-schema.org/draft-07/schema":      "https://json-schema.org/draft-07/schema#",
}

// A library is where the schemas are that a scenario names.
type library struct {
	files fs.FS
	show  func(at string) string // how reports call a file of it
}

// disk is the whole disk. Reports call its files as they are seen from the working directory: where
// that is on the machine is nothing for a report.
func disk() library {
	here, wrong := os.Getwd()
	root := filepath.VolumeName(here) + string(filepath.Separator)
	return library{os.DirFS(root), func(at string) string {
		whole := filepath.Join(root, filepath.FromSlash(at))
		if rel, err := filepath.Rel(here, whole); wrong == nil && err == nil {
			return filepath.ToSlash(rel)
		}
		return filepath.ToSlash(whole)
	}}
}

// schemaAt returns where a schema is that the scenario names: from its own file on, where the target
// knows that. It is read where the feature was read, which need not be the disk.
func schemaAt(w *World, name string) (in library, at string) {
	if t, ok := w.target.(interface {
		Beside(name string) (files fs.FS, at, show string)
	}); ok && !filepath.IsAbs(name) {
		files, at, show := t.Beside(name)
		if files != nil && fs.ValidPath(at) {
			if info, err := fs.Stat(files, at); err == nil && !onDisk(info, show) {
				top, ok := strings.CutSuffix(show, at) // the folder that files is, or nothing
				if !ok {
					top = ""
				}
				return library{files, func(at string) string { return top + at }}, at
			}
		}
		name = show
	}
	whole, err := filepath.Abs(name)
	if err != nil {
		return disk(), name
	}
	return disk(), filepath.ToSlash(whole[len(filepath.VolumeName(whole))+1:])
}

// onDisk reports whether a file is the one with that name on disk, from where a schema may refer to
// files outside the folder of the features.
func onDisk(file fs.FileInfo, name string) bool {
	info, err := os.Stat(name)
	return err == nil && os.SameFile(file, info)
}

// load reads a schema, or what one refers to beside itself: files, and nothing over a network.
func (l library) load(from *url.URL) (*jsonschema.Schema, error) {
	at, ok := strings.CutPrefix(from.String(), schemaScheme)
	if !ok {
		return nil, fmt.Errorf("%s is not read: a schema may refer to files", from)
	}
	at, err := url.PathUnescape(at)
	if err != nil {
		return nil, err
	}
	info, err := fs.Stat(l.files, at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s does not exist", l.show(at))
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file", l.show(at))
	case info.Size() > mostSchema:
		return nil, fmt.Errorf("%s has %d bytes, want at most %d", l.show(at), info.Size(), mostSchema)
	}
	text, err := fs.ReadFile(l.files, at)
	if err != nil {
		return nil, err
	}
	return parseSchema(l.show(at), text)
}

func parseSchema(path string, text []byte) (*jsonschema.Schema, error) {
	s := new(jsonschema.Schema)
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	draft, ok := drafts[strings.TrimSuffix(s.Schema, "#")]
	if !ok {
		return nil, fmt.Errorf("%s: its $schema is %q, want that of draft 2020-12 or draft-07", path, s.Schema)
	}
	s.Schema = draft
	return s, nil
}

// plain returns a value as the library takes it. A number that no float64 holds is the
// largest.
func plain(v gjson.Result) any {
	switch {
	case v.IsObject():
		out := map[string]any{}
		v.ForEach(func(key, value gjson.Result) bool { out[key.Str] = plain(value); return true })
		return out
	case v.IsArray():
		out := []any{}
		v.ForEach(func(_, value gjson.Result) bool { out = append(out, plain(value)); return true })
		return out
	case v.Type != gjson.Number:
		return v.Value()
	}
	if n, err := strconv.ParseInt(v.Raw, 10, 64); err == nil {
		return n
	}
	return min(max(v.Num, -math.MaxFloat64), math.MaxFloat64)
}

// behindValue is what the library writes behind the value that breaks a rule, by the rule.
var behindValue = map[string]string{
	"type": " has type ", "enum": " does not equal any of: ", "const": " does not equal ",
	"multipleOf": " is not a multiple of ", "pattern": " does not match ", "contains": " does not have ",
	"minimum": " is less than ", "exclusiveMinimum": " is less than ", "minLength": " contains ",
	"maximum": " is greater than ", "exclusiveMaximum": " is greater than ", "maxLength": " contains ",
}

// misfit words an error of the library, which begins with the place of each schema that it
// was in, from the outermost. The value, which may be a secret, is left out.
func misfit(what string) string {
	where := "root"
	for {
		rest, ok := strings.CutPrefix(what, "validating ")
		if !ok {
			break
		}
		where, what, _ = strings.Cut(rest, ": ")
	}
	if where == "root" {
		where = "the top"
	}
	rule, rest, _ := strings.Cut(what, ": ")
	switch {
	case rule == "anyOf" || rule == "oneOf" && !strings.HasPrefix(rest, "validated against both"):
		what = rule + ": the value fits none of them"
	case rule == "oneOf":
		what = rule + ": the value fits more than one of them"
	case rule == "not":
		what = rule + ": the value fits it"
	case behindValue[rule] != "":
		what = rule + ": the value" + rest[max(strings.LastIndex(rest, behindValue[rule]), 0):]
	}
	return "at " + where + " of the schema: " + what
}

func matchesSchema(w *World, name string) error {
	in, at := schemaAt(w, name)
	base := &url.URL{Scheme: "file", Path: "/" + at}
	schema, err := in.load(base)
	if err != nil {
		return fmt.Errorf("the schema %q: %w", name, err)
	}
	resolved, err := schema.Resolve(&jsonschema.ResolveOptions{BaseURI: base.String(), Loader: in.load})
	if err != nil {
		return fmt.Errorf("the schema %q: %w", name, err)
	}
	body := gjson.ParseBytes(w.Journey.Last().Body)
	if !gjson.ValidBytes(w.Journey.Last().Body) {
		return rejected(w, "the response is no JSON, want what the schema %q says", name)
	}
	if err := resolved.Validate(plain(body)); err != nil {
		return rejected(w, "the response does not match the schema %q:\n  %s\n ", name,
			strings.ReplaceAll(misfit(w.redactor.Redact(err.Error())), "\n", "\n  "))
	}
	return nil
}
