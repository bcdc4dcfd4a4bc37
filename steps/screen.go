package steps

import (
	"slices"
	"strings"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

func screens(v *vocabulary) {
	v.area = "The screen"
	v.Then(`^the flow pauses at "((?:[^"\\]|\\.)*)"$`, pausesAt,
		"The flow waits for a person at the form with that name.",
		`Then the flow pauses at "Sign On Form"`, FormName)
	v.Then(`^the capability is "([^"]*)"$`, capabilityIs,
		"The node that answered has that capability.",
		`Then the capability is "customHTMLTemplate"`, capability)
	v.Then(`^the form offers "((?:[^"\\]|\\.)*)"$`, offers,
		"The screen has a field or button with that key, or a button with that label.",
		`Then the form offers "REGISTER"`, OfferName)
	v.Then(`^the form does not offer "((?:[^"\\]|\\.)*)"$`, offersNot,
		"The screen has neither a field nor a button with that key, nor a button with that label.",
		`Then the form does not offer "RESEND"`, AbsentName)
}

// screen returns the screen at which the flow waits.
func screen(w *World) (*davinci.Screen, error) {
	s := w.Journey.Screen()
	if s == nil {
		return nil, rejected(w, "%s, want a screen", happened(w))
	}
	return s, nil
}

func pausesAt(w *World, form string) error {
	if h := w.Journey.Last(); h.Outcome != davinci.Paused && h.Outcome != davinci.Rewound {
		return rejected(w, "%s, want it to pause at %q", happened(w), form)
	}
	if got := w.Journey.Screen().Name; got != form {
		return rejected(w, "the flow pauses at %q, want %q", got, form)
	}
	return nil
}

func capabilityIs(w *World, name string) error {
	if got := w.Journey.Last().Get("capabilityName"); got.String() != name || !got.Exists() {
		return rejected(w, "the capability is %s, want %q", show(w, got), name)
	}
	return nil
}

func offers(w *World, name string) error {
	s, err := screen(w)
	if err != nil {
		return err
	}
	if !has(s, name) {
		return rejected(w, "the form offers %s, want %q among it", strings.Join(offered(s), ", "), name)
	}
	return nil
}

func offersNot(w *World, name string) error {
	s, err := screen(w)
	if err != nil {
		return err
	}
	if has(s, name) {
		return rejected(w, "the form offers %q, and should not", name)
	}
	return nil
}

// has reports whether the form has a field with that key, or a button, or several,
// with that key or label.
func has(s *davinci.Screen, name string) bool {
	b, same := s.Button(name)
	return b != nil || len(same) > 0 || s.Field(name) != nil
}

func offered(s *davinci.Screen) []string {
	var out []string
	for i := range s.Fields {
		if key := s.Fields[i].Key; key != "" {
			out = append(out, key)
		}
	}
	if len(out) == 0 {
		return []string{"nothing"}
	}
	return out
}

func pages(v *vocabulary) {
	v.area = "The page of a detailed response"
	v.Then(`^the page has an input "([^"]*)"$`, pageHasInput,
		"The HTML has an input, select or text area with this name.",
		`Then the page has an input "username"`, InputName)
	v.Then(`^the page has a button "([^"]*)"$`, pageHasButton,
		"The HTML has a button with this data-skbuttonvalue.",
		`Then the page has a button "SIGNON"`, PageButton)
	v.Then(`^the page shows "((?:[^"\\]|\\.)*)"$`, pageShows,
		"The page shows this text; line breaks and other white space do not count.",
		`Then the page shows "Sign On"`, text)
}

// page returns the HTML of the last hop.
func page(w *World) (*davinci.Page, error) {
	p := w.Journey.Last().Page()
	if w.Journey.Last().Detailed && p.Text() == "" && len(p.Inputs()) == 0 && len(p.Buttons()) == 0 {
		return nil, rejected(w, "the detailed response carries no page: %s", happened(w))
	}
	if p.Text() == "" && len(p.Inputs()) == 0 && len(p.Buttons()) == 0 {
		return nil, rejected(w, "the response carries no page: %s; ask for one with %q",
			happened(w), detailedExample)
	}
	return p, nil
}

func pageHasInput(w *World, name string) error {
	p, err := page(w)
	if err != nil {
		return err
	}
	if !slices.Contains(p.Inputs(), name) {
		return rejected(w, "the page has the inputs %s, want %q among them", words.List(p.Inputs(), 0), name)
	}
	return nil
}

func pageHasButton(w *World, key string) error {
	p, err := page(w)
	if err != nil {
		return err
	}
	var keys []string
	for _, b := range p.Buttons() {
		keys = append(keys, b.Key)
	}
	if !slices.Contains(keys, key) {
		return rejected(w, "the page has the buttons %s, want %q among them", words.List(keys, 0), key)
	}
	return nil
}

func pageShows(w *World, want string) error {
	p, err := page(w)
	if err != nil {
		return err
	}
	want = strings.Join(strings.Fields(want), " ")
	const most = 300 // characters of the page
	if !strings.Contains(p.Text(), want) {
		return rejected(w, "the page shows %q, want %q in it", words.Cut(w.redactor.Redact(p.Text()), most), want)
	}
	return nil
}
