package steps

import (
	"slices"
	"strings"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
	"flowtest/steps/words"
)

func pages(v *vocabulary) {
	v.area = "The page of a detailed response"
	v.Then(`^the page has an input "([^"]*)"$`, (*World).pageHasInput,
		"The HTML has an input, select or text area with this name.",
		`Then the page has an input "username"`, InputName)
	v.Then(`^the page has a button "([^"]*)"$`, (*World).pageHasButton,
		"The HTML has a button with this data-skbuttonvalue.",
		`Then the page has a button "SIGNON"`, PageButton)
	v.Then(`^the page shows "((?:[^"\\]|\\.)*)"$`, (*World).pageShows,
		"The page shows this text; line breaks and other white space do not count.",
		`Then the page shows "Sign On"`, text)
}

// page returns the HTML of the last hop.
func (w *World) page() (*flow.Hop, *davinci.Page, error) {
	h, err := w.last()
	if err != nil {
		return nil, nil, err
	}
	p := h.Page()
	if p.Text() == "" && len(p.Inputs()) == 0 && len(p.Buttons()) == 0 {
		return nil, nil, w.rejected(h, "the response carries no page: %s; ask for one with %q",
			happened(w.Journey, h), detailedExample)
	}
	return h, p, nil
}

func (w *World) pageHasInput(name string) error {
	h, p, err := w.page()
	if err != nil {
		return err
	}
	if !slices.Contains(p.Inputs(), name) {
		return w.rejected(h, "the page has the inputs %s, want %q among them", words.List(p.Inputs(), 0), name)
	}
	return nil
}

func (w *World) pageHasButton(key string) error {
	h, p, err := w.page()
	if err != nil {
		return err
	}
	var keys []string
	for _, b := range p.Buttons() {
		keys = append(keys, b.Key)
	}
	if !slices.Contains(keys, key) {
		return w.rejected(h, "the page has the buttons %s, want %q among them", words.List(keys, 0), key)
	}
	return nil
}

func (w *World) pageShows(want string) error {
	h, p, err := w.page()
	if err != nil {
		return err
	}
	want = strings.Join(strings.Fields(want), " ")
	const most = 300 // characters of the page
	if !strings.Contains(p.Text(), want) {
		return w.rejected(h, "the page shows %q, want %q in it", words.Cut(w.Redact(p.Text()), most), want)
	}
	return nil
}
