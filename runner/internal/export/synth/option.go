package synth

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"flowtest/runner/internal/export"
	"flowtest/steps/davinci"
)

// chosen finds where the flow stops for the options of the screen that no other stop is for, as one of two that
// lead to the same place.
func (m *maker) chosen(at *stop, b *export.Button, stops []*stop) (out []*stop) {
	var done map[*export.Node]bool
	for _, s := range stops {
		for i, w := range s.path {
			if !m.optional(at, w) || done[w.From] {
				continue
			}
			if done == nil {
				done = map[*export.Node]bool{}
			}
			done[w.From] = true
			for _, other := range m.others(at, w.From, stops) {
				list := at.flow.Going(at.node.Screen, b, other)
				out = append(out, m.best(m.follow(at.flow, list, at.calls, s.path[:i:i], 0))...)
			}
		}
	}
	return out
}

// others returns the ways of options of the screen after a node by which no stop is reached.
func (m *maker) others(at *stop, n *export.Node, stops []*stop) (ways []*export.Way) {
	known := map[string]bool{"-1": true} // the branches
	for _, s := range stops {
		for _, w := range s.path {
			if w.From == n {
				known[w.Branch] = true
			}
		}
	}
	for _, w := range n.Ways {
		if known[w.Branch] {
			continue
		}
		known[w.Branch] = true
		value, is := m.branch(w, m.read(at.node.Screen, n))
		if _, ok := m.posted(at.flow, at.node.Screen, value); is && ok {
			ways = append(ways, w)
		}
	}
	return ways
}

// optional reports whether a way is that of an option of the screen.
func (m *maker) optional(at *stop, w *export.Way) bool {
	if w.Branch == "" || at.flow.Node(w.From.ID) != w.From {
		return false
	}
	fields := m.read(at.node.Screen, w.From)
	return len(fields) == 1 && !text(fields[0].Type)
}

// posted returns what a client posts for an option of a field.
func (m *maker) posted(f *export.Flow, screen *export.Screen, option export.Field) (v any, ok bool) {
	shown, known := m.shown[screen]
	if !known {
		if body, err := export.Body(f, screen); err == nil {
			shown = davinci.Reader{}.Read(200, nil, body).Screen()
		}
		m.shown[screen] = shown
	}
	if shown == nil || shown.Field(option.Key) == nil {
		return nil, false
	}
	text, err := shown.Field(option.Key).Encode(option.Label)
	if err != nil || json.Unmarshal([]byte(text), &v) != nil {
		return nil, false
	}
	return v, true
}

// branch returns the option with which the flow takes a way, if the node compares a field with
// options. Its label is "" if no option does.
func (m *maker) branch(w *export.Way, fields []export.Field) (value export.Field, has bool) {
	if len(fields) != 1 || text(fields[0].Type) {
		return value, false
	}
	value.Key = fields[0].Key
	named := m.branches(w.From)
	if i, is := named.places[w.Branch]; is && w.Branch != "" {
		value.Label = named.texts[i]
		return value, true
	}
	if w.Branch != "-1" || !fields[0].Raw.Get("options.0").Exists() {
		return value, false
	}
	for _, o := range fields[0].Raw.Get("options").Array() { // an option without a branch
		if text := cmp.Or(o.Get("value").String(), o.Get("type").String()); !slices.Contains(named.texts, text) {
			value.Label = text
			break
		}
	}
	return value, true
}

// Branches are the values that a comparison names, in their order.
type branches struct {
	places map[string]int // by their branches
	texts  []string
}

// branches returns the values that a comparison names.
func (m *maker) branches(n *export.Node) *branches {
	named := m.compared[n]
	if named == nil {
		named = &branches{places: map[string]int{}}
		for i, v := range n.Value("rightValueMultiple").Array() {
			named.texts = append(named.texts, strings.TrimSpace(export.Plain(v.Get("value"))))
			id := v.Get("id").String()
			if _, again := named.places[id]; !again {
				named.places[id] = i
			}
		}
		m.compared[n] = named
	}
	return named
}
