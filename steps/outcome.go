package steps

import (
	"net/http"
	"strings"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

func outcomes(v *vocabulary) {
	v.area = "The outcome"
	v.Then(`^the flow reports "((?:[^"\\]|\\.)*)"$`, (*World).reports,
		"The response carries this message; white space around it does not count.",
		`Then the flow reports "Invalid username and/or password"`, text)
	v.Then(`^the flow reports an error with code "((?:[^"\\]|\\.)*)"$`, (*World).reportsCode,
		"The response is an error with this code, which may be a string or a number.",
		`Then the flow reports an error with code "invalidValue"`, errorCode)
	v.Then(`^the response status is (\d+)$`, (*World).statusIs,
		"The response has this HTTP status.",
		`Then the response status is 400`, number)
	v.Then(`^the flow completes$`, (*World).completes,
		"The flow has ended and returns what the authorize request asked for.",
		`Then the flow completes`)
	v.Then(`^the flow waits$`, (*World).waits,
		"The flow asks the client to go on waiting at the same screen, as it does while it is polled.",
		`Then the flow waits`)
	v.Then(`^the flow fails with "([^"]*)"$`, (*World).failsWith,
		"The flow has failed. The name is the code of the error, else the status, else notJSON or noAuthorizeResponse.",
		`Then the flow fails with "requestTimedOut"`, errorCode)
	v.Then(`^the session cookies are set$`, (*World).sessionCookies,
		"The response sets the cookies ST and ST-NO-SS.",
		`Then the session cookies are set`)
}

func (w *World) reports(message string) error {
	h, err := w.last()
	if err != nil {
		return err
	}
	want := strings.TrimSpace(message)
	got := h.Message()
	if got == "" {
		return w.rejected(h, "%s and reports no message, want %q", happened(w.Journey, h), want)
	}
	if got != want {
		return w.rejected(h, "the flow reports %q, want %q", got, want)
	}
	return nil
}

func (w *World) reportsCode(code string) error {
	h, err := w.last()
	if err != nil {
		return err
	}
	want := strings.TrimSpace(code)
	if h.Outcome != davinci.Refused && h.Outcome != davinci.Failed {
		return w.rejected(h, "%s, want an error with code %q", happened(w.Journey, h), want)
	}
	if got := h.Code(); got != want {
		return w.rejected(h, "the flow reports an error with code %q, want %q", got, want)
	}
	return nil
}

func (w *World) statusIs(want int) error {
	h, err := w.last()
	if err != nil {
		return err
	}
	if h.Status != want {
		return w.rejected(h, "the response status is %d, want %d: %s", h.Status, want, happened(w.Journey, h))
	}
	return nil
}

func (w *World) completes() error {
	h, err := w.last()
	if err != nil {
		return err
	}
	if h.Outcome != davinci.Completed {
		return w.rejected(h, "%s, want it to complete", happened(w.Journey, h))
	}
	return nil
}

func (w *World) waits() error {
	h, err := w.last()
	if err != nil {
		return err
	}
	if h.Outcome != davinci.Rewound {
		return w.rejected(h, "%s, want it to wait on", happened(w.Journey, h))
	}
	return nil
}

func (w *World) failsWith(code string) error {
	h, err := w.last()
	if err != nil {
		return err
	}
	if h.Outcome != davinci.Failed {
		return w.rejected(h, "%s, want it to fail with %q", happened(w.Journey, h), code)
	}
	if h.Failure.Code != code {
		return w.rejected(h, "%s, want %q", happened(w.Journey, h), code)
	}
	return nil
}

func (w *World) sessionCookies() error {
	h, err := w.last()
	if err != nil {
		return err
	}
	set := map[string]bool{}
	var names []string
	for _, line := range h.Header["Set-Cookie"] {
		if c, err := http.ParseSetCookie(strings.TrimSpace(line)); err == nil {
			set[c.Name] = c.Value != "" && c.MaxAge >= 0 // Max-Age=0 takes it away
			if set[c.Name] {
				names = append(names, c.Name)
			}
		}
	}
	var missing []string
	for _, name := range []string{"ST", "ST-NO-SS"} {
		if !set[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		if len(names) == 0 {
			names = []string{"no cookie"}
		}
		return w.rejected(h, "the response sets %s, want %s too",
			strings.Join(names, ", "), words.And(missing))
	}
	return nil
}
