// Package scaffold writes features for a recording: one scenario for each outcome of each
// button, by the shortest way. It does not run them, and writes no file.
package scaffold

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/runner/internal/walk"
	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// A Feature is a feature file.
type Feature struct {
	Text      string
	Scenarios int

	// Missed has a sentence for each hop that no scenario reaches. Text contains them too.
	Missed []string
}

// Write writes the feature for a recording. At its end, "# TODO" lines list the outcomes in
// todo, which no typed value decides.
func Write(f *recordings.Flow, todo []string) *Feature {
	w := &writer{
		flow: f, names: map[string]int{}, buttons: map[*davinci.Screen]map[string]string{}, out: &Feature{},
		steps: map[*davinci.Sent]steps{},
	}
	fmt.Fprintf(&w.text, "Feature: %s\n", line(f.Name))
	if f.Description != "" {
		fmt.Fprintf(&w.text, "  %s\n", line(f.Description))
	}
	fmt.Fprintf(&w.text, "\n  Background:\n    Given the flow %s\n", quote(f.Name))
	done := map[string]bool{}
	for _, detailed := range []bool{false, true} {
		ways := walk.Ways(w.flow, walk.Options{Detailed: detailed, User: w.user()})
		w.earlier(ways)
		slices.SortStableFunc(ways, func(a, b []walk.Leg) int { return cmp.Compare(w.order(a), w.order(b)) })
		w.journeys(ways, detailed, done)
	}
	for _, h := range f.Hops {
		if !done[h.Name] {
			w.out.Missed = append(w.out.Missed, "the hop "+davinci.Quote(h.Name)+": no way of a client leads to "+
				"it that a feature can say")
		}
	}
	for _, text := range slices.Concat(w.out.Missed, todo) {
		fmt.Fprintf(&w.text, "\n  # TODO %s\n", line(text))
	}
	w.out.Text = w.text.String()
	return w.out
}

// A writer writes one feature.
type writer struct {
	flow    *recordings.Flow
	text    strings.Builder
	names   map[string]int                        // of scenarios
	buttons map[*davinci.Screen]map[string]string // labels of buttons, by key
	out     *Feature

	// How screens are left, by what is sent: a screen far behind many others is left in each of their scenarios.
	steps map[*davinci.Sent]steps

	// Journeys that others need first, nil if the recording has none.
	signOn, register []walk.Leg
}

// journeys writes a scenario for each hop that a journey of one shape reaches first.
func (w *writer) journeys(ways [][]walk.Leg, detailed bool, done map[string]bool) {
	for _, way := range ways {
		for i := range way {
			if h := way[i].Hop; !done[h.Name] && w.sayable(way[:i+1]) {
				done[h.Name] = true
				w.scenario(way[:i+1], detailed)
			}
		}
	}
}

// user returns the attributes in the recording, each as ${user.ATTRIBUTE}.
func (w *writer) user() map[string]string {
	user := map[string]string{}
	add := func(v any) {
		if name, _ := recordings.Attribute(v); name != "" {
			user[name] = "${user." + name + "}"
		}
	}
	for _, h := range w.flow.Hops {
		for _, v := range h.Request.FormData() {
			add(v)
		}
		for _, v := range h.Request.Query {
			add(v)
		}
	}
	return user
}

// scenario writes a journey as a scenario.
func (w *writer) scenario(way []walk.Leg, detailed bool) {
	var steps strings.Builder
	w.given(&steps, way, detailed)
	from, pressed := w.legs(&steps, way)
	last := way[len(way)-1]
	outcome := then(&steps, last.Answer)
	name := cmp.Or(from, "Start")
	if from == "" && last.Hop.Request.Session {
		name = "Start while signed on"
	}
	if from != "" {
		name += " – " + cmp.Or(pressed, "go on")
	}
	name += " → " + outcome + typedWrong(last.Hop)
	if w.names[name]++; w.names[name] > 1 {
		name += fmt.Sprintf(" (%d)", w.names[name])
	}
	w.out.Scenarios++
	text := steps.String()
	if first, rest, ok := strings.Cut(text, "    When I start the flow\n"); ok {
		text = first + "    When I start the flow\n" + strings.ReplaceAll(rest, "    When ", "    And ")
	}
	fmt.Fprintf(&w.text, "\n  Scenario: %s\n%s", line(name), text)
}

// typedWrong says which fields have a wrong value.
func typedWrong(h *recordings.Hop) string {
	var wrong []string
	for _, v := range h.Request.FormData() {
		if name, is := recordings.Attribute(v); is {
			wrong = append(wrong, "wrong "+name)
		}
	}
	if len(wrong) == 0 {
		return ""
	}
	slices.Sort(wrong)
	return " (" + words.And(wrong) + ")"
}

// Steps are the steps that leave a screen, and the name of the button.
type steps struct{ text, pressed string }

// legs writes the requests of a journey, and those of the journey that it needs first. It returns
// the name of the last screen left, and of the button.
func (w *writer) legs(b *strings.Builder, way []walk.Leg) (from, pressed string) {
	before, start := w.before(way)
	if before != nil {
		w.legs(b, before)
	}
	b.WriteString(start)
	var screen *davinci.Screen
	for i, l := range way {
		if i > 0 {
			from = screen.Name
			s, known := w.steps[l.Sent]
			if !known {
				var text strings.Builder
				s.pressed = w.leave(&text, screen, l)
				s.text = text.String()
				w.steps[l.Sent] = s
			}
			b.WriteString(s.text)
			pressed = s.pressed
		}
		if s := l.Answer.Screen(); s != nil {
			screen = s
		}
	}
	return from, pressed
}

// leave writes the steps that leave a screen, and returns the name of the button.
func (w *writer) leave(b *strings.Builder, screen *davinci.Screen, l walk.Leg) (pressed string) {
	sent, wants := l.Sent, l.Hop.Request.FormData()
	if sent.EventType == "polling" {
		b.WriteString("    When the screen polls\n")
		return "poll"
	}
	if text, as := passkey(screen, l); text != "" {
		b.WriteString(text)
		return as
	}
	var rows [][2]string
	answers := ""
	sent.FormData.ForEach(func(key, value gjson.Result) bool {
		f := screen.Field(key.String())
		switch {
		case f == nil || !f.Fills() || value.Raw == f.Default.Raw && value.String() == "":
		case f.Type == "METADATA":
			answers += fmt.Sprintf("    When I answer %s with:\n      \"\"\"\n      %s\n      \"\"\"\n",
				quote(f.Key), value.Raw)
		default:
			text := value.String()
			if name, wrong := recordings.Attribute(wants[key.String()]); wrong {
				text = "wrong " + name
			}
			rows = append(rows, [2]string{key.String(), text})
		}
		return true
	})
	b.WriteString(answers)
	if f := screen.Field(sent.Action); answers != "" && f != nil && f.Type == "METADATA" {
		return sent.Action // the answer contains it
	}
	switch {
	case sent.Action == "" && len(rows) > 0:
		b.WriteString("    When I submit the form with:\n")
		table(b, "key", rows)
		return "submit"
	case sent.Action == "":
		b.WriteString("    When I submit the form\n")
		return "submit"
	case len(rows) > 0:
		b.WriteString("    When I fill in:\n")
		table(b, "key", rows)
		b.WriteString("    And ")
	default:
		b.WriteString("    When ")
	}
	pressed = cmp.Or(w.labels(screen)[sent.Action], sent.Action)
	fmt.Fprintf(b, "I press %s\n", quote(pressed))
	return pressed
}

// labels returns, by key, the labels of the buttons of a screen that are unique.
func (w *writer) labels(screen *davinci.Screen) map[string]string {
	labels, known := w.buttons[screen]
	if known {
		return labels
	}
	labels = map[string]string{}
	w.buttons[screen] = labels
	keys, shared := map[string]bool{}, map[string]int{}
	for i := range screen.Fields {
		if b := &screen.Fields[i]; b.IsButton() {
			keys[b.Key] = true
			shared[davinci.Read(b.Label)]++
		}
	}
	for i := range screen.Fields {
		b := &screen.Fields[i]
		label := davinci.Read(b.Label)
		if b.IsButton() && says(label) && shared[label] == 1 && (!keys[label] || label == b.Key) {
			labels[b.Key] = label
		}
	}
	return labels
}

// then writes the assertion about the last answer, and returns words for the name of the
// scenario.
func then(b *strings.Builder, a *davinci.Answer) string {
	switch a.Outcome {
	case davinci.Paused:
		name := a.Screen().Name
		if !says(name) {
			fmt.Fprintf(b, "    Then \"id\" is %s\n", quote(a.NodeID()))
			return "node " + a.NodeID()
		}
		fmt.Fprintf(b, "    Then the flow pauses at %s\n", quote(name))
		return name
	case davinci.Refused:
		if message := a.Message(); says(message) {
			fmt.Fprintf(b, "    Then the flow reports %s\n", quote(message))
			return message
		}
		fmt.Fprintf(b, "    Then the response status is %d\n", a.Status)
		return fmt.Sprintf("refused with %d", a.Status)
	case davinci.Completed:
		b.WriteString("    Then the flow completes\n")
		return "completed"
	case davinci.Rewound:
		b.WriteString("    Then the flow waits\n")
		return "waits"
	default:
	}
	fmt.Fprintf(b, "    Then the flow fails with %s\n", quote(a.Failure.Code))
	return "fails with " + a.Failure.Code
}

// table writes rows of a name and a value. Head is the title of the first column.
func table(b *strings.Builder, head string, rows [][2]string) {
	slices.SortStableFunc(rows, func(a, b [2]string) int { return cmp.Compare(a[0], b[0]) })
	rows = append([][2]string{{head, "value"}}, rows...)
	escape := strings.NewReplacer(`\`, `\\`, "|", `\|`, "\n", `\n`)
	widest := [2]int{}
	for i := range rows {
		for j := range rows[i] {
			rows[i][j] = escape.Replace(rows[i][j])
			widest[j] = max(widest[j], len([]rune(rows[i][j])))
		}
	}
	for _, row := range rows {
		fmt.Fprintf(b, "      | %-*s | %-*s |\n", widest[0], row[0], widest[1], row[1])
	}
}

// quote returns a text between the quotation marks of a sentence.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(line(text)) + `"`
}

// line returns a text on one line, without characters that would hide it from a
// reviewer.
func line(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) || words.Steers(r) {
			return -1
		}
		return r
	}, strings.Join(strings.Fields(text), " "))
}

// says reports whether a sentence can contain a text unchanged.
func says(text string) bool { return text != "" && line(text) == text }
