package steps

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"flowtest/steps/conformance"
	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

func outcomes(v *vocabulary) {
	v.area = "The outcome"
	v.Then(`^the flow reports "((?:[^"\\]|\\.)*)"$`, reports,
		"The response carries this message; white space around it does not count.",
		`Then the flow reports "Invalid username and/or password"`, text)
	v.Then(`^the flow reports:$`, reports,
		"The response carries this message, which may have quotes and several lines.",
		"Then the flow reports:\n  \"\"\"\n  Invalid username and/or password\n  \"\"\"", block{text})
	v.Then(`^the flow does not report "((?:[^"\\]|\\.)*)"$`, reportsNot,
		"The response carries another message, or none.",
		`Then the flow does not report "Your account is locked"`, text)
	v.Then(`^the flow reports an error with code "((?:[^"\\]|\\.)*)"$`, reportsCode,
		"The response is an error with this code, which may be a string or a number.",
		`Then the flow reports an error with code "invalidValue"`, ErrorCode)
	v.Then(`^the response status is (\d+)$`, statusIs,
		"The response has this HTTP status.",
		`Then the response status is 400`, number)
	v.Then(`^the flow completes$`, completes,
		"The flow has ended and returns what the authorize request asked for.",
		`Then the flow completes`)
	v.Then(`^the flow does not complete$`, completesNot,
		"The flow has not ended in success: it pauses, waits, has refused the request, or has failed.",
		`Then the flow does not complete`)
	v.Then(`^the flow pauses$`, pauses,
		"The flow waits for a person at a screen, whatever its name.",
		`Then the flow pauses`)
	v.Then(`^the flow waits$`, waits,
		"The flow asks the client to go on waiting at the same screen, as it does during polling.",
		`Then the flow waits`)
	v.Then(`^the flow fails with "([^"]*)"$`, failsWith,
		"The flow has failed. The name is the code of the error, else the status, else notJSON or noAuthorizeResponse.",
		`Then the flow fails with "requestTimedOut"`, ErrorCode)
	v.Then(`^the session cookies are set$`, sessionCookies,
		"The response sets the cookies ST and ST-NO-SS.",
		`Then the session cookies are set`)
	v.Then(`^the session cookies have:$`, sessionCookiesHave,
		"The response sets the cookies ST and ST-NO-SS, and both have these attributes.",
		"Then the session cookies have:\n  | attribute | value |\n  | httponly  | true  |\n  | secure    | true  |",
		attributeColumns)
}

func reports(w *World, message string) error {
	got, want := w.Journey.Last().Message(), strings.TrimSpace(message)
	switch got {
	case "":
		return rejected(w, "%s and reports no message, want %q", happened(w), want)
	case want:
		return nil
	default:
		return rejected(w, "the flow reports %q, want %q%s", got, want, difference(w, got, want))
	}
}

func reportsNot(w *World, message string) error {
	if got := w.Journey.Last().Message(); got != "" && got == strings.TrimSpace(message) {
		return rejected(w, "the flow reports %q, and should not", got)
	}
	return nil
}

func reportsCode(w *World, code string) error {
	h := w.Journey.Last()
	want := strings.TrimSpace(code)
	if h.Outcome != davinci.Refused && h.Outcome != davinci.Failed {
		return rejected(w, "%s, want an error with code %q", happened(w), want)
	}
	if got := h.Code(); got != want {
		return rejected(w, "the flow reports an error with code %q, want %q", got, want)
	}
	return nil
}

func statusIs(w *World, want string) error {
	h := w.Journey.Last()
	if n, err := strconv.Atoi(want); err != nil || h.Status != n {
		return rejected(w, "the response status is %d, want %s: %s", h.Status, want, happened(w))
	}
	return nil
}

func completes(w *World) error {
	if w.Journey.Last().Outcome != davinci.Completed {
		return rejected(w, "%s, want it to complete", happened(w))
	}
	return nil
}

func completesNot(w *World) error {
	if w.Journey.Last().Outcome == davinci.Completed {
		return rejected(w, "the flow completed, and should not")
	}
	return nil
}

func pauses(w *World) error {
	if w.Journey.Last().Outcome != davinci.Paused {
		return rejected(w, "%s, want it to pause", happened(w))
	}
	return nil
}

func waits(w *World) error {
	if w.Journey.Last().Outcome != davinci.Rewound {
		return rejected(w, "%s, want it to wait on", happened(w))
	}
	return nil
}

func failsWith(w *World, code string) error {
	h := w.Journey.Last()
	if h.Outcome != davinci.Failed {
		return rejected(w, "%s, want it to fail with %q", happened(w), code)
	}
	if h.Failure.Code != code {
		return rejected(w, "%s, want %q", happened(w), code)
	}
	return nil
}

var sessionCookieNames = []string{"ST", "ST-NO-SS"}

func sessionCookies(w *World) error {
	set := cookies(w)
	names := slices.Sorted(maps.Keys(set))
	missing := slices.DeleteFunc(slices.Clone(sessionCookieNames), func(name string) bool { return set[name] != nil })
	if len(missing) == 0 {
		return nil
	}
	if len(names) == 0 {
		names = []string{"no cookie"}
	}
	return rejected(w, "the response sets %s, want %s too", strings.Join(names, ", "), words.And(missing))
}

func conformances(v *vocabulary) {
	v.area = "Conformance"
	v.Then(`^the response conforms$`, conforms,
		"Every requirement of the documented protocol that applies to this hop holds. A run checks "+
			"every hop by itself; this sentence demands it here, whatever --conformance says.",
		`Then the response conforms`)
}

func conforms(w *World) error {
	h := w.Journey.Last()
	if h.Failure != nil && h.Failure.Origin.Environmental() {
		return rejected(w, "%s, want a response of the flow", happened(w))
	}
	all := w.Verdicts()
	v := &all[len(all)-1]
	var broken []string
	for i := range v.Findings {
		if f := v.Findings[i]; f.Result == conformance.Violated {
			f.Hide(w.redactor.Redact)
			broken = append(broken, f.String()+"\n    "+f.Requirement.Sentence)
		}
	}
	if len(broken) > 0 {
		return rejected(w, "the response does not conform:\n  %s\n ", strings.Join(broken, "\n  "))
	}
	return nil
}

func sessionCookiesHave(w *World, rows []row) error {
	if err := sessionCookies(w); err != nil {
		return err
	}
	var errs []error
	for _, name := range sessionCookieNames {
		errs = append(errs, cookieHas(w, name, rows))
	}
	return errors.Join(errs...)
}

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
	v.Then(`^the page has the inputs:$`, pageHasInputs,
		"The HTML has these inputs, selects and text areas and no others that a person sees, in this order; any of "+
			"the columns name, type, required, value, options. The type of an input is text if it has none; that of "+
			"the others is select or textarea. Options are separated by commas.",
		"Then the page has the inputs:\n  | name     | type     | required |\n  | username | text     | true     |\n"+
			"  | password | password | true     |", inputColumns)
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
	var names []string
	for _, in := range p.Inputs() {
		names = append(names, in.Name)
	}
	if !slices.Contains(names, name) {
		return rejected(w, "the page has the inputs %s, want %q among them", words.List(names, 0), name)
	}
	return nil
}

func pageHasInputs(w *World, rows []row) error {
	p, err := page(w)
	if err != nil {
		return err
	}
	var found []row
	for _, in := range p.Inputs() {
		if !in.Hidden() {
			found = append(found, row{
				"name": in.Name, "type": in.Type, "required": strconv.FormatBool(in.Required), "value": in.Value,
				"options": strings.Join(in.Options, ", "),
			})
		}
	}
	if differs := aligned(found, rows, namesOf(inputColumns)); len(differs) > 0 {
		return fmt.Errorf("the page has other inputs than the table (%s):\n  %s",
			where(w), strings.Join(differs, "\n  "))
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
