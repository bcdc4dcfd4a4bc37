package steps

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
	"flowtest/steps/words"
)

func properties(v *vocabulary) {
	v.area = "Properties of the response"
	v.Then(`^"((?:[^"\\]|\\.)*)" is present$`, present,
		"There is a value at a gjson path, which may be null.",
		`Then "interactionId" is present`, ResponsePath)
	v.Then(`^"((?:[^"\\]|\\.)*)" is absent$`, absent,
		"There is no value at a gjson path.",
		`Then "authorizeResponse" is absent`, AbsentPath)
	v.Then(`^"((?:[^"\\]|\\.)*)" is unchanged$`, unchanged,
		"The value is the same as at the last earlier hop that had one.",
		`Then "interactionId" is unchanged`, ResponsePath)
	v.Then(`^"((?:[^"\\]|\\.)*)" has changed$`, hasChanged,
		"The value differs from that of the last earlier hop that had one.",
		`Then "interactionToken" has changed`, ResponsePath)
	v.Then(`^the response has:$`, responseHas,
		"The response has these values at these gjson paths. A value that is not JSON is text.",
		"Then the response has:\n  | path           | value              |\n  | capabilityName | customHTMLTemplate |",
		propertyColumns(ResponsePath))
}

// found returns the value at a path of the last hop, and an error if there is none.
func found(w *World, p string) (gjson.Result, error) {
	r := w.Journey.Last().Get(p)
	if !r.Exists() {
		return r, rejected(w, "%q matches nothing%s", p, nearest(w.Journey.Last(), p))
	}
	return r, nil
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

func present(w *World, p string) error {
	_, err := found(w, p)
	return err
}

func absent(w *World, p string) error {
	if got := w.Journey.Last().Get(p); got.Exists() {
		return rejected(w, "%q is %s, want nothing there", p, show(w, got))
	}
	return nil
}

func unchanged(w *World, p string) error { return compareBefore(w, p, true) }

func hasChanged(w *World, p string) error { return compareBefore(w, p, false) }

// compareBefore checks a value against the previous hop that has it.
func compareBefore(w *World, p string, wantSame bool) error {
	got, err := found(w, p)
	if err != nil {
		return err
	}
	hops := w.Hops()
	for i := len(hops) - 2; i >= 0; i-- {
		if hops[i].LetGo > 0 {
			return rejected(w, "no hop before this one has %q to compare with, from hop %d on: of the answers of "+
				"a journey the last %d MiB are kept", p, hops[i+1].Number, flow.MaxKept>>20)
		}
		before := hops[i].Get(p)
		if !before.Exists() {
			continue
		}
		switch is := same(before, got); {
		case is && !wantSame:
			return rejected(w, "%q is %s as at hop %d, want another value", p, show(w, got), hops[i].Number)
		case !is && wantSame:
			return rejected(w, "%q is %s, want %s as at hop %d", p, show(w, got), show(w, before), hops[i].Number)
		}
		return nil
	}
	return rejected(w, "no hop before this one has %q to compare with", p)
}

func responseHas(w *World, rows []row) error {
	var differs []string
	for _, r := range rows {
		if err := is(w, "", r["path"], r["value"]); err != nil {
			differs = append(differs, err.Error())
		}
	}
	if len(differs) > 0 {
		return fmt.Errorf("the response differs from the table:\n  %s", strings.Join(differs, "\n  "))
	}
	return nil
}

// rejected writes a failed assertion: what was found and wanted, then at which
// hop, node and form.
func rejected(w *World, format string, args ...any) error {
	return fmt.Errorf("%s (%s)", fmt.Sprintf(format, args...), where(w))
}

// where names the last hop as people find it again.
func where(w *World) string {
	h := w.Journey.Last()
	parts := []string{fmt.Sprintf("hop %d", h.Number)}
	if id := h.NodeID(); id != "" {
		parts = append(parts, "node "+id)
	}
	if s := w.Journey.Screen(); s != nil {
		parts = append(parts, fmt.Sprintf("form %q", s.Name))
	}
	return strings.Join(parts, ", ")
}

// happened says how the last hop ended, as the beginning of a sentence.
func happened(w *World) string {
	switch h := w.Journey.Last(); h.Outcome {
	case davinci.Paused:
		return fmt.Sprintf("the flow pauses at %q", h.Screen().Name)
	case davinci.Rewound:
		return fmt.Sprintf("the flow waits at %q", w.Journey.Screen().Name)
	case davinci.Completed:
		return "the flow completed"
	case davinci.Refused:
		text := fmt.Sprintf("the flow refused this with status %d", h.Status)
		if m := h.Message(); m != "" {
			text += fmt.Sprintf(" and reports %q", m)
		}
		return text
	default:
		text := fmt.Sprintf("the flow failed with %q", h.Failure.Code)
		if h.Failure.Message != "" {
			text += ": " + h.Failure.Message
		}
		return text + " [" + h.Failure.Origin.String() + "]"
	}
}

// show writes a value of a response for a failure text: redacted first, for a
// secret that is cut off would not be found, and then shortened.
func show(w *World, r gjson.Result) string {
	const most = 200
	if !r.Exists() {
		return "nothing"
	}
	return words.Cut(w.redactor.Redact(r.Raw), most)
}

// nearest ends a sentence with the existing keys that are most like the first
// step of a path that matches nothing.
func nearest(h *flow.Hop, path string) string {
	prefix := ""
	for _, step := range split(path) {
		next := strings.TrimPrefix(prefix+"."+step, ".")
		if !h.Get(next).Exists() {
			return ": " + closest(h, prefix, step)
		}
		prefix = next
	}
	return ""
}

// closest lists the keys below prefix, the most alike first.
func closest(h *flow.Hop, prefix, step string) string {
	const most = 5
	at := cmp.Or(prefix, "@this")
	object := h.Get(at)
	var keys []string
	if object.IsObject() {
		object.ForEach(func(k, _ gjson.Result) bool {
			keys = append(keys, gjson.Escape(k.Str))
			return true
		})
	}
	switch {
	case object.IsArray():
		return fmt.Sprintf("%s is an array of %d", at, len(object.Array()))
	case len(keys) == 0 && prefix == "":
		return "the response has no properties"
	case len(keys) == 0:
		return prefix + " has no properties"
	}
	near := words.List(nearestFirst(step, keys), most)
	if prefix == "" {
		return "nearest are " + near
	}
	return fmt.Sprintf("nearest below %s are %s", prefix, near)
}

// split cuts a gjson path at its dots, but not at escaped ones nor inside a query.
func split(path string) []string {
	var out []string
	from := 0
	cuts, _ := cutsOf(path)
	for _, at := range cuts {
		if path[at] == '.' {
			out = append(out, path[from:at])
			from = at + 1
		}
	}
	return append(out, path[from:])
}

// cutsOf returns where the dots and pipes of a gjson path are that are not inside of a query or a text,
// and the bracket or quote that is never closed, 0 where there is none.
func cutsOf(path string) (cuts []int, unclosed byte) {
	var open []byte // innermost last
	for i := 0; i < len(path); i++ {
		inner := byte(0)
		if len(open) > 0 {
			inner = open[len(open)-1]
		}
		switch c := path[i]; {
		case c == '\\':
			i++
		case inner == '"':
			if c == '"' {
				open = open[:len(open)-1]
			}
		case c == '"' && inner != 0, c == '(', c == '[', c == '{':
			open = append(open, c)
		case inner != 0 && (c == ')' || c == ']' || c == '}'):
			open = open[:len(open)-1]
		case inner == 0 && (c == '.' || c == '|'):
			cuts = append(cuts, i)
		}
	}
	if len(open) > 0 {
		unclosed = open[0]
	}
	return cuts, unclosed
}

// modifiers are those of gjson, as in fields.@reverse.
var modifiers = []string{
	"dig", "flatten", "fromstr", "group", "join", "keys", "pretty", "reverse", "this", "tostr", "ugly", "valid",
	"values",
}

// pathRight says what is wrong with a gjson path. gjson itself finds nothing there, so that what is
// said to be absent would be.
func pathRight(path string) error {
	cuts, unclosed := cutsOf(path)
	written := func() string { return quoted(strings.ReplaceAll(path, `"`, `\"`)) }
	switch {
	case unclosed != 0:
		return fmt.Errorf("the path %s has a %c that is not closed", written(), unclosed)
	case path == "":
		return errors.New("the path is empty, want one such as form.name")
	}
	from := 0
	for _, to := range append(cuts, len(path)) {
		name := path[from:to]
		from = to + 1
		if name == "" {
			return fmt.Errorf("the path %s has an empty name, want one on each side of a dot", written())
		}
		modifier, isOne := strings.CutPrefix(name, "@")
		modifier, _, _ = strings.Cut(modifier, ":")
		if !isOne || slices.Contains(modifiers, modifier) {
			continue
		}
		if near := words.Nearest(modifier, modifiers); near != "" {
			return fmt.Errorf("the path %s has the modifier @%s, which gjson does not have; did you mean \"@%s\"? "+
				"A key that begins so is written \\@%s", written(), modifier, near, modifier)
		}
	}
	return nil
}

// nearestFirst returns the known names, those most like the one found first, and else
// in the order in which they were.
func nearestFirst(found string, known []string) []string {
	slips := make(map[string]int, len(known))
	for _, k := range known {
		slips[k], _ = words.Slips(found, k)
	}
	out := slices.Clone(known)
	slices.SortStableFunc(out, func(a, b string) int { return slips[a] - slips[b] })
	return out
}
