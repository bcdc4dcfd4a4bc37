package steps

import "errors"

// What a sentence says that stands at the wrong place of its scenario.
var (
	errNoFlow     = errors.New(`no flow was chosen: write for example "Given the flow "sign-on"" before this step`)
	errNotStarted = errors.New(`the flow has not been started: write "When I start the flow" before this step`)
	errStarted    = errors.New("the flow has been started already: ask for detailed responses before")
)

// Sentences whose place matters.
const (
	startSentence    = "I start the flow"
	detailedSentence = "detailed responses"
)

// An Order reads the sentences of a scenario one after the other, without
// carrying them out. The zero value is before the first.
type Order struct{ chosen, started bool }

// Next returns what a run would say of the next sentence for its place alone,
// which ends the scenario. It says nothing of sentences that are not of this
// vocabulary; they may have started a flow by themselves.
func (o *Order) Next(d *Definition, text string) error {
	_, choosesFlow := FlowIn(text)
	switch {
	case choosesFlow:
		o.chosen = true
	case text == startSentence && !o.chosen:
		return errNoFlow
	case text == startSentence:
		o.started = true
	case text == detailedSentence && o.started:
		return errStarted
	case d.Keyword != "Given" && !o.started:
		return errNotStarted
	}
	return nil
}
