package diff

import (
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/tidwall/gjson"

	"flowtest/steps/flow"
)

const (
	htmlPath   = "screen.properties.customHTML.value"
	cssPath    = "screen.properties.customCSS.value"
	scriptPath = "screen.properties.customScript.value"
	fieldsPath = "screen.properties.formFieldsList.value"
)

// detailed compares the detailed shape.
func (s *shapeCompared) detailed(before, after *flow.Hop) {
	s.compareFieldsOf(before, after, fieldsPath)
	b, a := gjson.ParseBytes(before.Body), gjson.ParseBytes(after.Body)
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

// html compares two pages of one screen beside their buttons, which are fields.
// Other markup around the same inputs, buttons and words is cosmetic.
func (s *shapeCompared) html(was, is string) {
	b, a := newPage(was), newPage(is)
	add := func(subject string, change Change) {
		change.Path = htmlPath
		s.found = append(s.found, found{change, subject})
	}
	inputs := len(s.found)
	for name, required := range b.inputs {
		now, ok := a.inputs[name]
		switch {
		case s.knows(name):
		case !ok:
			add("input "+name, Change{
				Class: Breaking, Kind: InputGone, Before: cut(name),
				Text: "the HTML has no input " + quote(name) + " any more",
			})
		case required != now:
			change := Change{
				Class: Breaking, Kind: RequiredChanged, Before: "optional", After: "required",
				Text: "the HTML now requires the input " + quote(name),
			}
			if required {
				change.Class, change.Before, change.After = Additive, change.After, change.Before
				change.Text = "the HTML requires the input " + quote(name) + " no longer"
			}
			add("input "+name, change)
		}
	}
	for name, required := range a.inputs {
		if _, ok := b.inputs[name]; ok || s.knows(name) {
			continue
		}
		change := Change{Class: Additive, Kind: InputAdded, After: cut(name)}
		change.Text = "the HTML has a new input " + quote(name)
		if required {
			change.Class, change.Text = Breaking, "the HTML has a new required input "+quote(name)
		}
		add("input "+name, change)
	}
	slices.SortStableFunc(s.found[inputs:], func(x, y found) int { return strings.Compare(x.subject, y.subject) })
	if !sameText(b.text, a.text) {
		x, y := apart(b.text, a.text)
		add(htmlPath, Change{
			Class: Cosmetic, Kind: TextChanged, Before: x, After: y, Text: "text of the HTML: " + isNow(b.text, a.text),
		})
	}
	if len(s.found) == 0 {
		add(htmlPath, Change{
			Class: Cosmetic, Kind: HTMLChanged, Text: "the HTML changed, but no word, input or button of it",
		})
	}
}

// knows reports whether a change of the form already says what became of an input.
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

// A page is what a person meets on an HTML page beside its buttons.
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
