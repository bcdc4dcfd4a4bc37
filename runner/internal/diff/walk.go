package diff

import (
	"slices"
	"strconv"
	"strings"

	"flowtest/recordings"
	"flowtest/steps/davinci"
	"flowtest/steps/words"

	"github.com/tidwall/gjson"
)

// deepest bounds how many levels of a body are looked into; what lies deeper
// is compared as it is.
const deepest = 64

// A found is a change with its subject: a change of the same kind and subject that shows in both
// shapes is one change.
type found struct {
	Change
	subject string
}

// A walk compares JSON values and gathers what changed.
type walk struct {
	found []found

	// skip holds the paths that are compared elsewhere.
	skip map[string]bool

	// of names in sentences what the properties belong to, as in `of field "a"`; "" if the path
	// says it all.
	of string

	// inside are the segments that lead to the values, and path is what the
	// paths of changes begin with.
	inside []string
	path   string
}

func (w *walk) add(subject string, change Change) { w.found = append(w.found, found{change, subject}) }

// at is a property within a walk.
type at struct {
	segments []string
	path     string
}

func (p at) below(key string) at {
	path := gjson.Escape(key)
	if p.path != "" {
		path = p.path + "." + path
	}
	return at{append(slices.Clip(p.segments), key), path}
}

// objects compares two objects without their keys' order.
func (w *walk) objects(b, a gjson.Result) {
	w.members(at{segments: w.inside}, b, a)
}

func (w *walk) members(p at, b, a gjson.Result) {
	before, after := members(b), members(a)
	later := make(map[string]gjson.Result, len(after))
	for _, m := range after {
		later[m.key] = m.value
	}
	earlier := make(map[string]bool, len(before))
	for _, m := range before {
		earlier[m.key] = true
		at := p.below(m.key)
		value, ok := later[m.key]
		switch {
		case w.skip[at.path]:
		case ok:
			w.values(at, m.value, value)
		default:
			w.gone(at, m.value)
		}
	}
	for _, m := range after {
		if at := p.below(m.key); !earlier[m.key] && !w.skip[at.path] {
			w.added(at, m.value)
		}
	}
}

// values compares what is at the same place.
func (w *walk) values(p at, b, a gjson.Result) {
	was, is := kindOf(b), kindOf(a)
	switch {
	case b.Raw == a.Raw, was == is && (isNumberVariable(b) || isNumberVariable(a)):
	case was != is:
		class := Breaking
		if isIdle(p.segments) {
			class = Cosmetic
		}
		w.add(p.path, Change{
			Class: class, Kind: KindChanged, Path: w.full(p), Before: say(b), After: say(a),
			Text: w.name(p) + " was " + words.Article(was) + " and is now " + words.Article(is) +
				" (" + say(b) + " is now " + say(a) + ")",
		})
	case b.Type == gjson.JSON && len(p.segments)-len(w.inside) >= deepest:
		w.changed(p, b, a)
	case b.IsObject():
		w.members(p, b, a)
	case b.IsArray():
		w.arrays(p, b.Array(), a.Array(), b, a)
	case !sameValue(b, a):
		w.changed(p, b, a)
	}
}

// isNumberVariable reports whether a text is a variable in place of a JSON number.
func isNumberVariable(v gjson.Result) bool {
	return v.Type == gjson.String && len(recordings.Unquoted([]byte(v.Raw))) < len(v.Raw)
}

// kindOf is the JSON kind that a value has when it is served.
func kindOf(v gjson.Result) string {
	if isNumberVariable(v) {
		return davinci.KindOf(gjson.Result{Type: gjson.Number})
	}
	return davinci.KindOf(v)
}

// arrays compares two arrays. Values are compared as one; objects after what is
// equal at both ends was laid aside, one by one.
func (w *walk) arrays(p at, before, after []gjson.Result, b, a gjson.Result) {
	hasValue := func(list []gjson.Result) bool {
		return slices.ContainsFunc(list, func(r gjson.Result) bool { return r.Type != gjson.JSON })
	}
	if len(before) > 0 && len(after) > 0 && (hasValue(before) || hasValue(after)) {
		if !slices.EqualFunc(before, after, sameValue) {
			w.changed(p, b, a)
		}
		return
	}
	from, tail := 0, 0
	for from < min(len(before), len(after)) && before[from].Raw == after[from].Raw {
		from++
	}
	for tail < min(len(before), len(after))-from && before[len(before)-1-tail].Raw == after[len(after)-1-tail].Raw {
		tail++
	}
	before, after = before[:len(before)-tail], after[:len(after)-tail]
	for i := from; i < max(len(before), len(after)); i++ {
		at := p.below(strconv.Itoa(i))
		switch {
		case w.skip[at.path]:
		case i >= len(before):
			w.added(at, after[i])
		case i >= len(after):
			w.gone(at, before[i])
		default:
			w.values(at, before[i], after[i])
		}
	}
}

// full returns the path of a property in the body.
func (w *walk) full(p at) string {
	if w.path == "" {
		return p.path
	}
	return w.path + "." + p.path
}

// where returns the path of a property for people, without escapes.
func (w *walk) where(p at) string { return plain(strings.Join(p.segments[len(w.inside):], ".")) }

// name names a property in a sentence.
func (w *walk) name(p at) string {
	name := "property " + w.where(p)
	if w.of != "" {
		name += " " + w.of
	}
	return name
}

func (w *walk) gone(p at, v gjson.Result) {
	rule := ruleOf(p.segments)
	w.add(p.path, Change{
		Class: rule.gone, Kind: PropertyGone, Path: w.full(p), Before: say(v),
		Text: w.name(p) + " is gone (it was " + say(v) + ")",
	})
}

func (w *walk) added(p at, v gjson.Result) {
	rule := ruleOf(p.segments)
	w.add(p.path, Change{
		Class: rule.added, Kind: PropertyAdded, Path: w.full(p), After: say(v),
		Text: w.name(p) + " was added (" + say(v) + ")",
	})
}

func (w *walk) changed(p at, b, a gjson.Result) {
	rule := ruleOf(p.segments)
	name := w.name(p)
	if rule.noun != "" {
		name = rule.noun
		if rule.shown {
			name += " " + w.where(p)
		}
		if w.of != "" {
			name += " " + w.of
		}
	}
	change := Change{Class: rule.changed, Kind: rule.kind, Path: w.full(p), Before: say(b), After: say(a)}
	if b.Type == gjson.String {
		change.Before, change.After = apart(b.Str, a.Str)
		change.Text = name + ": " + isNow(b.Str, a.Str)
	} else {
		change.Text = name + ": " + say(b) + " is now " + say(a)
	}
	w.add(strings.Join([]string{string(rule.kind), p.path}, " "), change)
}
