package steps

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/flow"
)

func properties(v *vocabulary) {
	v.area = "Properties of the response"
	v.Then(`^"((?:[^"\\]|\\.)*)" is ("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$`, (*World).is,
		"The value at a gjson path is this JSON string, number, true, false or null.",
		`Then "form.category" is "CUSTOM_HTML"`, path, jsonValue)
	v.Then(`^"((?:[^"\\]|\\.)*)" matches "((?:[^"\\]|\\.)*)"$`, (*World).matches,
		"The text at a gjson path matches a regular expression; ^ and $ are its beginning and end.",
		`Then "id" matches "^[a-z0-9]{10}$"`, path, pattern)
	v.Then(`^"((?:[^"\\]|\\.)*)" is present$`, (*World).present,
		"There is a value at a gjson path, which may be null.",
		`Then "interactionId" is present`, path)
	v.Then(`^"((?:[^"\\]|\\.)*)" is absent$`, (*World).absent,
		"There is no value at a gjson path.",
		`Then "authorizeResponse" is absent`, path)
	v.Then(`^"((?:[^"\\]|\\.)*)" is an? (string|number|boolean|object|array)$`, (*World).isKind,
		"The value at a gjson path is of this JSON kind.",
		`Then "form.components.fields" is an array`, path, jsonKind)
	v.Then(`^"((?:[^"\\]|\\.)*)" is unchanged$`, (*World).unchanged,
		"The value is the same as at the last earlier hop that had one.",
		`Then "interactionId" is unchanged`, path)
	v.Then(`^"((?:[^"\\]|\\.)*)" has changed$`, (*World).hasChanged,
		"The value differs from that of the last earlier hop that had one.",
		`Then "interactionToken" has changed`, path)
	v.Then(`^the response has:$`, table(propertyColumns, (*World).responseHas),
		"The response has these values at these gjson paths. A value that is not JSON is text.",
		"Then the response has:\n  | path           | value              |\n  | capabilityName | customHTMLTemplate |")
}

// found returns the value at a path of the last hop, and an error where
// there is none.
func (w *World) found(p string) (*flow.Hop, gjson.Result, error) {
	h, err := w.last()
	if err != nil {
		return nil, gjson.Result{}, err
	}
	r := h.Get(p)
	if !r.Exists() {
		hint := ""
		if near := nearest(h, p); near != "" {
			hint = ": " + near
		}
		return h, r, w.rejected(h, "%q matches nothing%s", p, hint)
	}
	return h, r, nil
}

func (w *World) is(p, literal string) error {
	return w.equals(p, literal)
}

// literal expands what a person wrote for a JSON value; what is no JSON is
// text. What is put in may hold quotes or look like a number, so whether it is
// text is decided before.
func (w *World) literal(written string) (string, error) {
	value := gjson.Parse(written)
	valid := gjson.Valid(written)
	if valid && value.Type != gjson.String {
		return w.Expand(written)
	}
	if valid {
		written = value.Str
	}
	text, err := w.Expand(written)
	if err != nil {
		return "", err
	}
	return asJSON(text)
}

// equals compares the value at a path with a JSON literal, by kind and value.
func (w *World) equals(p, literal string) error {
	h, got, err := w.found(p)
	if err != nil {
		return err
	}
	want := gjson.Parse(literal)
	if same(got, want) {
		return nil
	}
	hint := ""
	if kind(got) != kind(want) && got.String() == want.String() {
		hint = fmt.Sprintf(": it is a %s, want a %s", kind(got), kind(want))
	}
	return w.rejected(h, "%q is %s, want %s%s", p, w.show(got), w.show(want), hint)
}

func same(a, b gjson.Result) bool {
	if a.Type != b.Type {
		return false
	}
	switch a.Type {
	case gjson.Number:
		return a.Raw == b.Raw || sameNumber(a.Raw, b.Raw)
	case gjson.String:
		return a.Str == b.Str
	case gjson.JSON:
		return compact(a.Raw) == compact(b.Raw)
	default:
		return true
	}
}

// sameNumber compares whole numbers exactly and others as floating point.
func sameNumber(a, b string) bool {
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	if errX == nil && errY == nil {
		return x == y
	}
	f, errF := strconv.ParseFloat(a, 64)
	g, errG := strconv.ParseFloat(b, 64)
	return errF == nil && errG == nil && f == g
}

// asJSON writes text as a JSON string.
func asJSON(text string) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // it is shown to a person
	err := e.Encode(text)
	return strings.TrimSpace(b.String()), err
}

// compact writes JSON in one way, with sorted keys.
func compact(raw string) string {
	var v any
	if json.Unmarshal([]byte(raw), &v) != nil {
		return raw
	}
	out, err := json.Marshal(v)
	if err != nil {
		return raw
	}
	return string(out)
}

func kind(r gjson.Result) string {
	switch {
	case r.IsObject():
		return "object"
	case r.IsArray():
		return "array"
	case r.IsBool():
		return "boolean"
	case r.Type == gjson.Number:
		return "number"
	case r.Type == gjson.String:
		return "string"
	default:
		return "null"
	}
}

func (w *World) matches(p, expr string) error {
	h, got, err := w.found(p)
	if err != nil {
		return err
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return fmt.Errorf("%q is no regular expression: %w", expr, err)
	}
	if !re.MatchString(got.String()) {
		return w.rejected(h, "%q is %s, want it to match %q", p, w.show(got), expr)
	}
	return nil
}

func (w *World) present(p string) error {
	_, _, err := w.found(p)
	return err
}

func (w *World) absent(p string) error {
	h, err := w.last()
	if err != nil {
		return err
	}
	if got := h.Get(p); got.Exists() {
		return w.rejected(h, "%q is %s, want nothing there", p, w.show(got))
	}
	return nil
}

func (w *World) isKind(p, want string) error {
	h, got, err := w.found(p)
	if err != nil {
		return err
	}
	if kind(got) != want {
		return w.rejected(h, "%q is of kind %s (%s), want %s", p, kind(got), w.show(got), want)
	}
	return nil
}

func (w *World) unchanged(p string) error { return w.compareBefore(p, true) }

func (w *World) hasChanged(p string) error { return w.compareBefore(p, false) }

// compareBefore holds a value against the previous hop that has it.
func (w *World) compareBefore(p string, wantSame bool) error {
	h, got, err := w.found(p)
	if err != nil {
		return err
	}
	hops := w.Journey.Hops()
	for i := len(hops) - 2; i >= 0; i-- {
		before := hops[i].Get(p)
		if !before.Exists() {
			continue
		}
		switch is := same(before, got); {
		case is && !wantSame:
			return w.rejected(h, "%q is %s as at hop %d, want another value", p, w.show(got), hops[i].Number)
		case !is && wantSame:
			return w.rejected(h, "%q is %s, want %s as at hop %d", p, w.show(got), w.show(before), hops[i].Number)
		}
		return nil
	}
	return w.rejected(h, "no hop before this one has %q to compare with", p)
}

func (w *World) responseHas(_ context.Context, rows []row) error {
	if _, err := w.last(); err != nil {
		return err
	}
	var differs []string
	for _, r := range rows {
		if err := w.equals(r["path"], r["value"]); err != nil {
			differs = append(differs, err.Error())
		}
	}
	if len(differs) > 0 {
		return fmt.Errorf("the response differs from the table:\n  %s", strings.Join(differs, "\n  "))
	}
	return nil
}
