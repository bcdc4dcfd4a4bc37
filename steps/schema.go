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

// loadSchema reads a schema, or what one refers to beside itself: files, and nothing over a
// network. What is not on disk may be among the files that the program holds, if any.
func loadSchema(from *url.URL, held fs.FS) (*jsonschema.Schema, error) {
	path, ok := strings.CutPrefix(from.String(), schemaScheme)
	if !ok {
		return nil, fmt.Errorf("%s is not read: a schema may refer to files", from)
	}
	path, err := url.PathUnescape(path)
	if err != nil {
		return nil, err
	}
	if held != nil {
		if text, err := fs.ReadFile(held, filepath.ToSlash(path)); err == nil {
			return parseSchema(path, text)
		}
	}
	info, err := os.Stat(path)
	if here, wrong := os.Getwd(); wrong == nil && filepath.IsAbs(path) {
		if rel, wrong := filepath.Rel(here, path); wrong == nil {
			path = rel // where this folder is on the machine is nothing for a report
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s does not exist", filepath.ToSlash(path))
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file", path)
	case info.Size() > mostSchema:
		return nil, fmt.Errorf("%s has %d bytes, want at most %d", path, info.Size(), mostSchema)
	}
	text, err := os.ReadFile(path) //nolint:gosec // the scenario names its schema
	if err != nil {
		return nil, err
	}
	return parseSchema(path, text)
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

// beside returns where a file is that the scenario names: from its own file on, where the
// target knows that.
func beside(w *World, name string) string {
	if t, ok := w.target.(interface{ Beside(name string) string }); ok && !filepath.IsAbs(name) {
		name = t.Beside(name)
	}
	if filepath.IsLocal(name) {
		return name
	}
	if whole, err := filepath.Abs(name); err == nil {
		return whole // in a URL nothing is above the top
	}
	return name
}

func matchesSchema(w *World, name string) error {
	base := &url.URL{Scheme: "file", Path: "/" + filepath.ToSlash(beside(w, name))}
	var held fs.FS
	if t, ok := w.target.(interface{ Held() fs.FS }); ok {
		held = t.Held()
	}
	load := func(from *url.URL) (*jsonschema.Schema, error) { return loadSchema(from, held) }
	schema, err := load(base)
	if err != nil {
		return fmt.Errorf("the schema %q: %w", name, err)
	}
	resolved, err := schema.Resolve(&jsonschema.ResolveOptions{BaseURI: base.String(), Loader: load})
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
