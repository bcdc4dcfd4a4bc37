package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/runner/internal/feature"
	"flowtest/steps"
	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// A recorded is the content of all screens of a recording, in both shapes.
type recorded struct {
	forms, keys, fields, buttons, inputs, providers partNames

	codes, headers, cookies, texts partNames // texts are the labels of fields, buttons and options

	labels  map[string]string // the keys of fields and buttons, by label
	secrets map[string]bool   // the keys of password fields
	byKey   map[string][]*davinci.Field
	bodies  []gjson.Result // the JSON bodies
	unread  bool           // a body is JSON only after a replay fills it in
}

// partNames are a set of names, in the order in which they were found. An open set has
// more names, which only a run fills in.
type partNames struct {
	list []string
	open bool
}

func (n *partNames) add(name string) {
	n.open = n.open || recordings.Variable.MatchString(name)
	if name != "" && !slices.Contains(n.list, name) {
		n.list = append(n.list, name)
	}
}

func (n *partNames) has(name string) bool { return name != "" && slices.Contains(n.list, name) }

func newRecorded() *recorded {
	return &recorded{labels: map[string]string{}, secrets: map[string]bool{}, byKey: map[string][]*davinci.Field{}}
}

// screensOf reads every answer of a recording, even one that no journey of its shape
// reaches.
func screensOf(f *recordings.Flow) *recorded {
	r := newRecorded()
	for _, h := range f.Hops {
		a := h.Answer()
		r.head(a)
		for _, detailed := range []bool{false, true} {
			body := a.Body(detailed)
			if body == nil {
				continue
			}
			r.answer(davinci.Reader{}.Read(a.Status, nil, body.Text))
			r.code(davinci.Reader{Waits: true}.Read(a.Status, nil, body.Text))
			if gjson.ValidBytes(body.Text) {
				r.bodies = append(r.bodies, gjson.ParseBytes(body.Text))
			} else {
				r.unread = r.unread || recordings.Variable.Match(body.Text)
			}
		}
	}
	return r
}

func (r *recorded) answer(h *davinci.Answer) {
	for _, in := range h.Page().Inputs() {
		r.inputs.add(in.Name)
	}
	for _, b := range h.Page().Buttons() {
		r.buttons.add(b.Key)
		r.label(b.Label, b.Key)
	}
	if h.Screen() == nil {
		return
	}
	r.forms.add(h.Screen().Name)
	_, types := h.Screen().Provider("")
	for _, name := range types {
		r.providers.add(name)
	}
	for i := range h.Screen().Fields {
		f := &h.Screen().Fields[i]
		r.keys.add(f.Key)
		r.label(f.Label, f.Key)
		r.secrets[f.Key] = r.secrets[f.Key] || f.Secret()
		if f.Fills() {
			r.byKey[f.Key] = append(r.byKey[f.Key], f)
		}
		for _, o := range f.Options() {
			r.texts.add(davinci.Read(o.Label))
		}
		if !f.IsButton() {
			r.fields.add(f.Key)
		} else {
			r.buttons.add(f.Key)
		}
	}
}

// hides reports whether a field with the key takes a password. It may be called on nil.
func (r *recorded) hides(key string) bool { return r != nil && r.secrets[key] }

func (r *recorded) label(label, key string) {
	label = davinci.Read(label)
	if _, there := r.labels[label]; !there && label != "" {
		r.labels[label] = key
	}
	r.texts.add(label)
	r.keys.open = r.keys.open || recordings.Variable.MatchString(label)
}

// lacks reports whether no screen has the thing that a sentence names. What says how to
// name such a thing, and there lists the existing ones. Several names count as fields,
// because a detailed screen has other names for the values that it posts.
func (r *recorded) lacks(n steps.Value) (what string, there []string, lacks bool) {
	of := []partNames{r.keys, r.inputs, r.buttons}
	_, isLabel := r.labels[davinci.Read(n.Text)]
	switch n.Kind {
	case steps.FormName:
		what, there, of, isLabel = "is called", r.forms.list, []partNames{r.forms}, false
	case steps.FieldKey:
		what, there, isLabel = "has a field", slices.Concat(r.fields.list, r.inputs.list), false
	case steps.RowKey:
		what, there, isLabel = "has anything with the key", r.keys.list, false
	case steps.InputName:
		what, there, isLabel = "has an input", r.inputs.list, false
	case steps.ProviderName:
		what, there, of = "leads to", r.providers.list, append(of, r.providers)
		same := func(name string) bool { return strings.EqualFold(name, n.Text) }
		isLabel = isLabel || slices.ContainsFunc(there, same)
	case steps.ButtonName:
		what, there = "has a button", r.buttons.list
	case steps.PageButton:
		what, there, isLabel = "has a button", r.buttons.list, false
	case steps.OfferName, steps.AbsentName:
		what, there = "offers", slices.Concat(r.keys.list, r.buttons.list)
	default:
		return "", nil, false
	}
	for i := range of {
		if of[i].open || slices.Contains(of[i].list, n.Text) {
			return "", nil, false
		}
	}
	slices.Sort(there)
	return what, slices.Compact(there), !isLabel && len(there) > 0
}

// screens finds names in a step that no recorded screen of its flow has. In a replay
// the step cannot pass; a live flow may have changed since.
func (r *reading) screens(st *feature.Step, values []steps.Value) {
	if r.own || r.strayed || r.suite.Known.ListsStep(r.scenario, st) {
		return
	}
	has := r.recorded(r.chosen)
	if has == nil {
		return
	}
	for _, n := range values {
		if n.Text == "" || strings.Contains(n.Text, "${") {
			continue // only a run knows its value
		}
		what, there, lacks := has.lacks(n)
		if !lacks {
			continue
		}
		near := has.nearest(n, there)
		hint := "there are " + words.List(there, mostListed)
		if near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		if a, b := keysInARow(values); has.fields.has(a) && has.fields.has(b) {
			hint = fmt.Sprintf("%q and %q are both keys, so the rows and columns of the table are swapped, want a "+
				"row for each key", a, b)
		}
		if n.Kind == steps.AbsentName && near == "" {
			continue // the scenario expects that it is gone
		}
		r.lacking(st, n, n.Kind == steps.AbsentName,
			fmt.Sprintf("no recorded screen of the flow %q %s %q", r.chosen, what, n.Text), "; "+hint)
	}
}

// keysInARow returns the first row of a table of fields with two rows, and "" for any other step.
func keysInARow(values []steps.Value) (key, value string) {
	const two = 4 // rows of two cells
	if len(values) != two || values[0].Kind != steps.FieldKey || values[2].Kind != steps.FieldKey {
		return "", ""
	}
	return values[0].Text, values[1].Text
}

// paths finds gjson paths in a step at which no recorded answer of its flow has a value. In a
// replay the step cannot pass; a live flow may have changed since.
func (r *reading) paths(st *feature.Step, values []steps.Value) {
	if r.own || r.strayed || r.suite.Known.ListsStep(r.scenario, st) {
		return
	}
	has := r.recorded(r.chosen)
	if has == nil || has.unread || len(has.bodies) == 0 {
		return
	}
	for _, v := range values {
		absent := v.Kind == steps.AbsentPath
		if v.Kind != steps.ResponsePath && !absent || strings.Contains(v.Text, "${") {
			continue
		}
		near, lacks := has.lacksPath(v.Text)
		if !lacks || absent && near == "" {
			continue // the scenario expects that it is gone
		}
		hint := ""
		if near != "" {
			hint = fmt.Sprintf("; did you mean %s?", written(near))
		}
		text := fmt.Sprintf("no recorded answer of the flow %q has a value at %s", r.chosen, written(v.Text))
		r.lacking(st, v, absent, text, hint)
	}
}

// lacking reports that the recording does not have the thing that a value names.
func (r *reading) lacking(st *feature.Step, v steps.Value, absent bool, text, hint string) {
	note := r.found.fault
	switch {
	case absent:
		note, text = r.found.warning, text+", so this can never fail"
	case r.suite.Target.Live != nil:
		note, text = r.found.warning, text+" (the flow itself may have it by now)"
	}
	r.say(note, st, !st.Writes(v.Written), text+hint)
}

// nearest returns what was probably meant: a similar name, the key of a field with that
// label or for that user attribute, or the label of a button.
func (r *recorded) nearest(n steps.Value, there []string) string {
	if near := nearestOf(n.Text, there); near != "" {
		return near
	}
	if key := r.labels[davinci.Read(n.Text)]; key != "" {
		return key
	}
	lasts := map[string]string{}
	for _, key := range there {
		lasts[key[strings.LastIndex(key, ".")+1:]] = key
	}
	if near := nearestOf(n.Text, slices.Collect(maps.Keys(lasts))); near != "" {
		return lasts[near]
	}
	var labels []string
	for label, key := range r.labels {
		if slices.Contains(there, key) {
			labels = append(labels, label)
		}
	}
	near := nearestOf(n.Text, labels)
	if n.Kind == steps.ButtonName || n.Kind == steps.OfferName || n.Kind == steps.AbsentName {
		return near // a step may name a button by its label
	}
	return r.labels[near]
}

// mostListed limits how many existing names a line lists.
const mostListed = 12

// recorded returns the screens in the recording of a flow, nil if there is no
// recording.
func (n *lookup) recorded(name string) *recorded {
	if has, ok := n.screens[name]; ok {
		return has
	}
	var has *recorded
	for _, f := range n.suite.Recordings {
		if f.Name == name {
			has = screensOf(f)
		}
	}
	n.screens[name] = has
	return has
}

// tampered reports whether faults change the responses of a scenario.
func tampered(s *feature.Scenario) bool {
	_, used, err := mockserver.TaggedFaults(s.Tags)
	return err != nil || len(used) > 0
}
