package steps

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
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

// A beside finds a file that a scenario names from the folder of its own file on. It returns in
// which files it is and where there, and how reports call it.
type beside = func(name string) (files fs.FS, at, show string)

// schemaAt returns where a schema is that a scenario names, from its own file on where near is not
// nil. It is read where the feature was read, which need not be the disk.
func schemaAt(near beside, name string) (in library, at string) {
	if near != nil && !filepath.IsAbs(name) {
		files, at, show := near(name)
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
		return nil, fmt.Errorf("%s is not a regular file", l.show(at))
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
	fault := func(offset int, format string, args ...any) error {
		line := 1 + strings.Count(string(text[:min(max(offset, 0), len(text))]), "\n")
		return fmt.Errorf("%s:%d: %s", path, line, fmt.Sprintf(format, args...))
	}
	if err := json.Unmarshal(text, new(json.RawMessage)); err != nil {
		syntax, ok := errors.AsType[*json.SyntaxError](err)
		if !ok {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return nil, fault(int(syntax.Offset), "it is not JSON: %v", err)
	}
	if at, what := schemaFault(gjson.ParseBytes(text), ""); what != "" {
		return nil, fault(at, "%s", what)
	}
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

// keywords are what the values of the keywords of a schema have to be. A remark says nothing of the
// value, and so do keywords that are not here, which JSON Schema permits.
var keywords = map[string]string{
	"type": "type", "pattern": "pattern", "required": "names", "enum": "array",
	"minLength": "count", "maxLength": "count", "minItems": "count", "maxItems": "count", "minProperties": "count",
	"maxProperties": "count", "minContains": "count", "maxContains": "count",
	"minimum": "number", "maximum": "number", "exclusiveMinimum": "number", "exclusiveMaximum": "number",
	"multipleOf": "number", "uniqueItems": "boolean",
	"$schema": "string", "$ref": "string", "$id": "string", "$anchor": "string", "format": "string",
	"properties": "map", "patternProperties": "map", "$defs": "map", "definitions": "map", "dependentSchemas": "map",
	"allOf": "list", "anyOf": "list", "oneOf": "list", "prefixItems": "list",
	"not": "schema", "if": "schema", "then": "schema", "else": "schema", "contains": "schema",
	"additionalProperties": "schema", "propertyNames": "schema", "unevaluatedItems": "schema",
	"unevaluatedProperties": "schema", "additionalItems": "schema", "items": "schema",
	"const": "anything", "dependentRequired": "anything", "dependencies": "anything", "$dynamicRef": "anything",
	"$dynamicAnchor": "anything", "$vocabulary": "anything",
	"title": "remark", "description": "remark", "default": "remark", "deprecated": "remark", "readOnly": "remark",
	"writeOnly": "remark", "examples": "remark", "$comment": "remark", "contentEncoding": "remark",
	"contentMediaType": "remark", "contentSchema": "remark", "note": "remark",
}

var schemaTypes = []string{"null", "boolean", "object", "array", "number", "string", "integer"}

// schemaFault returns what no schema may be and where in the text that is, "" if it may be one.
func schemaFault(s gjson.Result, at string) (offset int, what string) {
	switch {
	case s.IsBool():
		return 0, ""
	case !s.IsObject():
		return s.Index, fmt.Sprintf("%s is %s, want a schema: an object, true or false", cmp.Or(at, "the top"),
			words.Article(davinci.KindOf(s)))
	}
	s.ForEach(func(key, v gjson.Result) bool {
		at := at + "/" + key.Str
		want := wanted(key.Str, v)
		switch {
		case want == "" && keywordMeant(key.Str) != "":
			offset, what = v.Index, fmt.Sprintf("%s is not a keyword of JSON Schema; did you mean %q? A keyword of "+
				"your own begins with x-", at, keywordMeant(key.Str))
		case want == "schema":
			offset, what = schemaFault(v, at)
		case want == "map" && v.IsObject(), want == "list" && v.IsArray():
			v.ForEach(func(name, each gjson.Result) bool {
				if key.Str == "patternProperties" {
					what = patternFault(name.Str)
					offset = name.Index
				}
				if what == "" {
					offset, what = schemaFault(each, strings.TrimSuffix(at+"/"+name.String(), "/"))
				}
				return what == ""
			})
		case want == "map":
			what = "an object of schemas"
		case want == "list":
			what = "an array of schemas"
		case want != "":
			what = valueFault(want, v)
		}
		if what != "" && offset == 0 {
			offset, what = v.Index, fmt.Sprintf("%s is %s, want %s", at, words.Cut(v.Get("@ugly").Raw, mostShown), what)
		}
		return what == ""
	})
	return offset, what
}

// wanted returns what the value of a keyword has to be.
func wanted(keyword string, v gjson.Result) string {
	if keyword == "items" && v.IsArray() { // in draft-07
		return "list"
	}
	return keywords[keyword]
}

// keywordMeant returns the keyword that a person is likely to have misspelt, "" where there is none.
func keywordMeant(name string) string {
	if strings.HasPrefix(name, "x-") {
		return ""
	}
	near := words.Nearest(name, slices.Sorted(maps.Keys(keywords)))
	if keywords[near] == "remark" { // which does nothing, however it is written
		return ""
	}
	return near
}

const mostShown = 60 // characters of a value

// valueFault returns what the value of a keyword has to be, "" if it is.
func valueFault(want string, v gjson.Result) string {
	texts := func(of []gjson.Result, in []string) bool {
		return !slices.ContainsFunc(of, func(r gjson.Result) bool {
			return r.Type != gjson.String || in != nil && !slices.Contains(in, r.Str)
		})
	}
	right := map[string]bool{
		"type": texts(v.Array(), schemaTypes), "names": v.IsArray() && texts(v.Array(), nil), "array": v.IsArray(),
		"count":   v.Type == gjson.Number && v.Num >= 0 && v.Num == math.Trunc(v.Num),
		"number":  v.Type == gjson.Number,
		"boolean": v.IsBool(), "string": v.Type == gjson.String, "pattern": v.Type == gjson.String,
	}
	switch {
	case want == "type" && !right[want]:
		return "one of " + words.List(schemaTypes, 0) + words.DidYouMean("; ", v.Str, schemaTypes)
	case want == "pattern" && right[want]:
		return patternFault(v.Str)
	case right[want], want == "anything", want == "remark":
		return ""
	}
	return map[string]string{
		"names": "an array of names", "array": "an array", "count": "a whole number of 0 or more",
		"number": "a number", "boolean": "true or false", "string": "a text", "pattern": "a text",
	}[want]
}

func patternFault(expr string) string {
	if _, err := regexp.Compile(expr); err != nil {
		return "a regular expression (" + err.Error() + ")"
	}
	return ""
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

// afterValue is what the library writes after the value that breaks a rule, by the rule.
var afterValue = map[string]string{
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
	case afterValue[rule] != "":
		what = rule + ": the value" + rest[max(strings.LastIndex(rest, afterValue[rule]), 0):]
	}
	return "at " + where + " of the schema: " + what
}

// schemaNamed reads a schema that a scenario names. The error says what is wrong with the file, and
// where.
func schemaNamed(near beside, name string) (*jsonschema.Resolved, error) {
	in, at := schemaAt(near, name)
	base := &url.URL{Scheme: "file", Path: "/" + at}
	schema, err := in.load(base)
	if err != nil {
		return nil, fmt.Errorf("the schema %q: %w", name, err)
	}
	resolved, err := schema.Resolve(&jsonschema.ResolveOptions{BaseURI: base.String(), Loader: in.load})
	if err != nil {
		return nil, fmt.Errorf("the schema %q: %s", name, unresolved(in, at, err.Error()))
	}
	return resolved, nil
}

// nowhere is how the library says that a $ref leads to no part of a schema.
var nowhere = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`JSON Pointer "([^"]*)": `) })

// unresolved words an error of the library about a $ref.
func unresolved(in library, at, what string) string {
	if loads, rest, ok := strings.Cut(what, ": "); ok && strings.HasPrefix(loads, "loading ") {
		return "a $ref: " + rest // which names the file
	}
	m := nowhere().FindStringSubmatch(what)
	if m == nil {
		return in.show(at) + ": " + what
	}
	text, _ := fs.ReadFile(in.files, at)
	place := in.show(at)
	if before, _, ok := strings.Cut(string(text), "#"+m[1]+`"`); ok {
		place += fmt.Sprintf(":%d", 1+strings.Count(before, "\n"))
	}
	return fmt.Sprintf("%s: a $ref leads to %q, and nothing is there", place, "#"+m[1])
}

func matchesSchema(w *World, name string) error {
	var near beside
	if t, ok := w.target.(interface {
		Beside(name string) (files fs.FS, at, show string)
	}); ok {
		near = t.Beside
	}
	resolved, err := schemaNamed(near, name)
	if err != nil {
		return err
	}
	body := gjson.ParseBytes(w.Journey.Last().Body)
	if !gjson.ValidBytes(w.Journey.Last().Body) {
		return rejected(w, "the response is not JSON, want what the schema %q says", name)
	}
	if err := resolved.Validate(plain(body)); err != nil {
		return rejected(w, "the response does not match the schema %q:\n  %s\n ", name,
			strings.ReplaceAll(misfit(w.redactor.Redact(err.Error())), "\n", "\n  "))
	}
	return nil
}
