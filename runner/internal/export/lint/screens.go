package lint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"flowtest/runner/internal/export"
	"flowtest/steps/words"
)

// screens checks the screens that clients get.
func (c *checker) screens() {
	for _, s := range c.flow.Screens {
		if s.FormMissing {
			c.add("EXPORT-FORM-MISSING", s.Node, "its form is not in the file, so its fields and buttons are not known")
		}
		c.buttons(s)
		c.values(s)
		c.fields(s)
	}
	for _, n := range c.flow.Nodes {
		if n.Kind == export.Connection && n.Reached() {
			c.reads(n)
		}
	}
}

// buttons checks each button, and whether a client can distinguish them.
func (c *checker) buttons(s *export.Screen) {
	times := map[string]int{}
	for _, b := range s.Buttons {
		if !b.Dynamic {
			times[b.Key]++
		}
		name := named(b)
		if s.Node.Reached() && len(b.Outcomes)+len(b.Possible) == 0 {
			text := "the button " + name + " leads nowhere"
			switch b.Decided {
			case export.Otherwise:
				text += ": no comparison names its value, and none has a way for other values"
			case export.Matched:
				text += ": the branch of its value is not connected"
			}
			c.add("EXPORT-BUTTON-DEAD", s.Node, text)
		}
		if strings.Contains(b.Shown, "{{") {
			c.add("EXPORT-LABEL-VARIABLE", s.Node, "a person reads the button "+export.Quote(b.Key)+" as "+
				export.Quote(b.Shown))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(times)) {
		if times[key] > 1 {
			c.add("EXPORT-BUTTON-TWICE", s.Node,
				fmt.Sprintf("%d buttons have the value %s: no client can tell them apart", times[key],
					export.Quote(key)))
		}
	}
}

// named returns the name of a button for a person.
func named(b *export.Button) string {
	switch {
	case b.Key == "":
		return export.Quote(b.Shown) + " (without a value)"
	case b.Shown == "" || b.Shown == b.Key:
		return export.Quote(b.Key)
	}
	return export.Quote(b.Shown) + " (" + b.Key + ")"
}

// values checks the values with which the button of a screen is compared.
func (c *checker) values(s *export.Screen) {
	if len(s.Buttons) == 0 {
		return
	}
	var keys []string
	known := map[string]bool{}
	for _, b := range s.Buttons {
		if b.Dynamic {
			return // it may be any
		}
		keys, known[b.Key] = append(keys, b.Key), true
	}
	for _, v := range c.flow.Comparisons(s) {
		switch {
		case !v.Node.Reached() || v.Value == "":
		case !known[v.Value]:
			c.add("EXPORT-VALUE-UNKNOWN", v.Node, "no button of the screen "+export.Quote(s.Name)+" has the value "+
				export.Quote(v.Value)+", it has "+words.List(keys, 6))
		case !v.Leads:
			c.add("EXPORT-BRANCH-OPEN", v.Node, "the value "+export.Quote(v.Value)+" has no way")
		}
	}
}

// fields checks that a node reads each field.
func (c *checker) fields(s *export.Screen) {
	read := c.inputs[s.Node.ID]
	if !s.Node.Reached() {
		return
	}
	for _, f := range s.Fields {
		if f.Key != "" && types(f.Type) && !read.Has(export.Dotted(f.Key)) {
			c.add("EXPORT-FIELD-UNREAD", s.Node, "nothing reads the field "+export.Quote(f.Key))
		}
	}
}

// types reports whether a person fills in a field of a type.
func types(kind string) bool {
	switch kind {
	case "TEXT", "PASSWORD", "PASSWORD_VERIFY", "DROPDOWN", "RADIO", "COMBOBOX", "CHECKBOX", "SINGLE_CHECKBOX",
		"PHONE_NUMBER":
		return true
	}
	return false
}

// inputs finds the fields that are read of each screen, by its id.
func inputs(f *export.Flow) map[string]*export.Paths {
	out := map[string]*export.Paths{}
	for _, n := range f.Nodes {
		if n.Kind != export.Connection {
			continue
		}
		for _, r := range n.References() {
			if path, ok := r.Field(); ok && path != "buttonValue" {
				if path == "event" || strings.HasPrefix(path, "rawResponse") {
					path = "" // it holds all of them
				}
				if out[r.Node] == nil {
					out[r.Node] = &export.Paths{}
				}
				out[r.Node].Add(path)
			}
		}
	}
	return out
}

// outputs are the outputs of a screen other than its fields.
var outputs = []string{
	"buttonValue", "buttonType", "event", "rawResponse", "statusCode", "headers", "formData", "connectionId",
	"error", "id", "skRisk", "challenge", "user", "ip", "userAgent", "parameters",
}

// reads checks that a node reads fields that its screens have.
func (c *checker) reads(n *export.Node) {
	lost := map[string][]string{} // properties, by the node that they read
	defer func() {
		for _, id := range slices.Sorted(maps.Keys(lost)) {
			c.add("EXPORT-REFERENCE-LOST", n, "what "+words.List(slices.Compact(lost[id]), 4)+" reads of the node "+
				export.Quote(id)+" is nothing: the node is not there")
		}
	}()
	for _, r := range n.References() {
		from := c.flow.Node(r.Node)
		if from == nil {
			lost[r.Node] = append(lost[r.Node], "its property "+export.Quote(r.Property))
			continue
		}
		s := from.Screen
		path, ok := r.Field()
		if s == nil || !ok || path == "" || s.FormMissing || s.Node.Capability == "customHtmlMessage" {
			continue
		}
		head, _, _ := strings.Cut(path, ".")
		if c.keys[s] == nil {
			c.keys[s] = s.Keys()
		}
		if c.keys[s].Has(path) || slices.Contains(outputs, head) {
			continue
		}
		c.add("EXPORT-FIELD-UNKNOWN", n, "its property "+export.Quote(r.Property)+" reads the field "+
			export.Quote(path)+
			" of the screen "+export.Quote(s.Name)+", which has no such field")
	}
}
