package flow

import (
	"strings"

	"flowtest/steps/davinci"
	"flowtest/steps/secret"
)

// A Hop is one request of a journey and its response.
type Hop struct {
	*davinci.Answer

	Number   int // from 1
	Exchange *davinci.Exchange
	Action   string // the key of the button that was pressed
	Detailed bool   // whether detailed responses were requested
	Retries  int    // how often the service asked to come back later

	// LetGo is the length in bytes of a body that the journey discarded, see [MaxKept]. Such an
	// answer still has its status and outcome, but no header and no body.
	LetGo int
}

// letGo discards the header and the body.
func (h *Hop) letGo() {
	h.LetGo = max(1, len(h.Body))
	a := &davinci.Answer{Status: h.Status, Outcome: h.Outcome}
	if f := h.Failure; f != nil {
		a.Failure = &davinci.Failure{Origin: f.Origin, Code: strings.Clone(f.Code), Message: strings.Clone(f.Message)}
	}
	h.Answer = a
	h.Exchange.Response, h.Exchange.ResponseHeader = nil, nil
}

// Observe returns the hops of a journey that another client drove, such as an app
// behind a proxy, as if a [Journey] had sent them. The hops keep the exchanges.
func Observe(journey davinci.Exchanges, detailed bool) []*Hop {
	hops := make([]*Hop, 0, len(journey))
	waits := false
	for i := range journey {
		x := &journey[i]
		reader := davinci.Reader{Waits: waits, Hide: hide(nil)}
		h := &Hop{
			Answer: reader.Read(x.Status, x.ResponseHeader, x.Response), Number: i + 1, Detailed: detailed, Exchange: x,
		}
		waits = h.Outcome == davinci.Paused || waits && h.Stays()
		hops = append(hops, h)
	}
	return hops
}

// Exchanges returns the exchanges of hops. [Observe] does the reverse.
func Exchanges(hops []*Hop) davinci.Exchanges {
	out := make(davinci.Exchanges, 0, len(hops))
	for _, h := range hops {
		out = append(out, *h.Exchange)
	}
	return out
}

// hide returns what takes the secrets that known knows, and those of an answer,
// out of a text. Known may be nil.
func hide(known *secret.Redactor) func(string, []string) string {
	return func(text string, secrets []string) string {
		r := &secret.Redactor{Parent: known}
		r.Add(secrets...)
		return r.Redact(text)
	}
}
