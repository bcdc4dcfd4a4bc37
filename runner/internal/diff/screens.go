package diff

import (
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/tidwall/gjson"

	"flowtest/steps/flow"
)

// The names of the two shapes, in Change.Shape and in sentences.
var (
	shapeNames = [2]string{"json", "detailed"}
	shapeWords = [2]string{"JSON", "detailed"}
)

// screen compares the earlier and the later version of a screen, and the hops that leave it.
func (c *comparing) screen(b, a *screen) {
	at := c.location("screen", b, a)
	m := c.met[b]
	at.add(merge(m.compared)...)
	hopChanges{c, at}.edges(m)
}

// shapeCompared is the result of comparing one shape of a screen.
type shapeCompared struct {
	found  []found
	fields *fieldsCompared // nil if the shape shows no form in either recording
}

// shape compares one shape of a screen, or returns nil if there is nothing to compare: that a
// shape was recorded says nothing of the flow.
func (c *comparing) shape(b, a *screen, i int) *shapeCompared {
	before, after := b.shapes[i], a.shapes[i]
	switch {
	case before == nil && after == nil:
		return nil
	case before == nil || after == nil:
		c.lack(i, before == nil, b.title())
		return nil
	}
	out := &shapeCompared{}
	if string(before.Body) == string(after.Body) {
		return out
	}
	if i == 0 {
		out.json(before, after)
	} else {
		out.detailed(before, after)
	}
	return out
}

// compareFieldsOf compares the fields where the flow pauses at the screen in both recordings; if
// it does not, the outcome of the hop says so.
func (s *shapeCompared) compareFieldsOf(before, after *flow.Hop, base string) {
	if before.Screen() == nil || after.Screen() == nil {
		return
	}
	s.fields = compareFields(fieldsOf(before), fieldsOf(after), base)
	s.found = append(s.found, s.fields.found...)
	if b, a := before.Screen().Name, after.Screen().Name; !sameText(b, a) {
		s.found = append(s.found, found{Change{
			Class: Breaking, Kind: ScreenRenamed, Before: cut(b), After: cut(a),
			Text: "name of the screen: " + isNow(b, a) + " (features name it)",
		}, "name"})
	}
}

// fieldsOf returns the fields of a screen without the one that the client
// derives from the settings for polling: those are properties of their own.
func fieldsOf(h *flow.Hop) []*formField {
	var out []*formField
	for _, f := range h.Screen().Fields {
		if !h.Detailed || f.Type != "POLLING" {
			out = append(out, &formField{Field: f, at: len(out)})
		}
	}
	return out
}

// json compares the JSON shape.
func (s *shapeCompared) json(before, after *flow.Hop) {
	s.compareFieldsOf(before, after, "form.components.fields")
	b, a := bodyOf(before.Body), bodyOf(after.Body)
	w := walk{skip: map[string]bool{}}
	if s.fields != nil {
		w.skip["form.name"], w.skip["form.components.fields"] = true, true
		for _, h := range []*flow.Hop{before, after} {
			for i := range h.Screen().Fields {
				if f := &h.Screen().Fields[i]; f.Fills() {
					w.skip["formData.value."+gjson.Escape(f.Key)] = true
				}
			}
		}
		w.skip["fieldTypes"] = slices.ContainsFunc(s.fields.found, func(f found) bool {
			return f.Kind == TypeChanged || f.Kind == FieldAdded || f.Kind == FieldGone ||
				f.Kind == ButtonAdded || f.Kind == ButtonGone
		})
	}
	// A form repeats its name and description among the settings of its node.
	for _, twin := range [][2]string{{"nodeTitle", "form.name"}, {"nodeDescription", "form.description"}} {
		if b.Get(twin[0]).Raw == b.Get(twin[1]).Raw && a.Get(twin[0]).Raw == a.Get(twin[1]).Raw {
			w.skip[twin[0]] = true
		}
	}
	w.objects(b, a)
	s.found = append(s.found, w.found...)
}

// An identity is equal for changes that are the same in both shapes.
type identity struct {
	kind          Kind
	class         Class
	subject       string
	before, after string
}

func (f *found) identity() identity { return identity{f.Kind, f.Class, f.subject, f.Before, f.After} }

func (s *shapeCompared) identities() map[identity]bool {
	m := map[identity]bool{}
	if s != nil {
		for i := range s.found {
			m[s.found[i].identity()] = true
		}
	}
	return m
}

// merge makes one change of those that show in both shapes, and names the shape of one that
// shows in one only.
func merge(compared [2]*shapeCompared) []Change {
	var out []Change
	both := compared[0] != nil && compared[1] != nil
	seen := [2]map[identity]bool{compared[0].identities(), compared[1].identities()}
	for i, s := range compared {
		if s == nil {
			continue
		}
		for _, f := range s.found {
			shared := both && seen[1-i][f.identity()]
			if shared && i == 1 {
				continue // reported for the JSON shape
			}
			if !shared {
				f.Shape = shapeNames[i]
				if both && f.ofForm() {
					f.Text += " (in the " + shapeWords[i] + " shape only)"
				}
			}
			out = append(out, f.Change)
		}
	}
	return out
}

// ofForm reports whether the change is about what both shapes show.
func (f *found) ofForm() bool {
	switch f.Kind {
	case FieldAdded, FieldGone, FieldRenamed, ButtonAdded, ButtonGone, ButtonRenamed, ScreenRenamed, LabelChanged,
		TypeChanged, OrderChanged, NodeChanged, CapabilityChanged:
		return true
	default:
		return false
	}
}

const (
	htmlPath   = "screen.properties.customHTML.value"
	cssPath    = "screen.properties.customCSS.value"
	scriptPath = "screen.properties.customScript.value"
	fieldsPath = "screen.properties.formFieldsList.value"
)

// detailed compares the detailed shape.
func (s *shapeCompared) detailed(before, after *flow.Hop) {
	s.compareFieldsOf(before, after, fieldsPath)
	b, a := bodyOf(before.Body), bodyOf(after.Body)
	w := walk{skip: map[string]bool{}}
	if s.fields != nil {
		title := "screen.properties.nodeTitle.value"
		if b.Get(title).String() == "" && a.Get(title).String() == "" {
			title = "screen.properties.messageTitle.value"
		}
		w.skip[title], w.skip[fieldsPath] = true, true
	}
	texts := func(path string) (was, is string, both bool) {
		x, y := b.Get(path), a.Get(path)
		both = x.Type == gjson.String && y.Type == gjson.String
		w.skip[path] = both
		return x.Str, y.Str, both && !sameText(x.Str, y.Str)
	}
	if was, is, differ := texts(htmlPath); differ {
		s.html(was, is)
	}
	for _, code := range []struct {
		path, name string
		kind       Kind
	}{{cssPath, "CSS", CSSChanged}, {scriptPath, "script", ScriptChanged}} {
		if was, is, differ := texts(code.path); differ {
			x, y := apart(was, is)
			s.found = append(s.found, found{Change{
				Class: Cosmetic, Kind: code.kind, Path: code.path, Before: x, After: y,
				Text: "the " + code.name + " changed",
			}, code.path})
		}
	}
	w.objects(b, a)
	s.found = append(s.found, w.found...)
}

// html compares two pages of one screen, without their buttons, which are fields.
// Other markup around the same inputs, buttons and words is cosmetic.
func (s *shapeCompared) html(was, is string) {
	b, a := newPage(was), newPage(is)
	add := func(subject string, class Class, kind Kind, before, after, text string) {
		change := Change{Class: class, Kind: kind, Path: htmlPath, Before: before, After: after, Text: text}
		s.found = append(s.found, found{change, subject})
	}
	for _, name := range slices.Sorted(slices.Values(unionOf(b.inputs, a.inputs))) {
		required, had := b.inputs[name]
		now, has := a.inputs[name]
		subject, input := "input "+name, "input "+quote(name)
		switch {
		case s.knows(name) || had && has && required == now:
		case !has:
			add(subject, Breaking, InputGone, cut(name), "", "the HTML no longer has the "+input)
		case !had && now:
			add(subject, Breaking, InputAdded, "", cut(name), "the HTML has a new required "+input)
		case !had:
			add(subject, Additive, InputAdded, "", cut(name), "the HTML has a new "+input)
		case now:
			add(subject, Breaking, RequiredChanged, "optional", "required", "the HTML now requires the "+input)
		default:
			add(subject, Additive, RequiredChanged, "required", "optional", "the HTML requires the "+input+" no longer")
		}
	}
	if !sameText(b.text, a.text) {
		x, y := apart(b.text, a.text)
		add(htmlPath, Cosmetic, TextChanged, x, y, "text of the HTML: "+isNow(b.text, a.text))
	}
	if len(s.found) == 0 {
		add(htmlPath, Cosmetic, HTMLChanged, "", "", "the HTML changed, but no word, input or button of it")
	}
}

// knows reports whether a change of the form already reports an input.
func (s *shapeCompared) knows(key string) bool {
	if s.fields == nil {
		return false
	}
	_, renamed := s.fields.renamed[key]
	for _, to := range s.fields.renamed {
		renamed = renamed || to == key
	}
	return renamed || s.fields.gone[key] || s.fields.added[key]
}

// A page is the content of an HTML page without its buttons.
type page struct {
	inputs map[string]bool // whether they are required
	text   string
}

func newPage(text string) page {
	p := page{inputs: map[string]bool{}}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(text))
	if err != nil {
		p.text = text
		return p
	}
	doc.Find("input, select, textarea").Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("name", s.AttrOr("id", ""))
		if kind := s.AttrOr("type", ""); name != "" && kind != "submit" && kind != "button" {
			_, required := s.Attr("required")
			p.inputs[name] = required
		}
	})
	doc.Find(`script, style, template, noscript, [data-skcomponent="skbutton"]`).Remove()
	// Text of neighboring elements must not run together.
	doc.Find("*").Each(func(_ int, s *goquery.Selection) { s.AppendHtml(" ") })
	p.text = strings.Join(strings.Fields(doc.Text()), " ")
	return p
}
