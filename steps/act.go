package steps

import (
	"context"
	"fmt"
	"regexp"

	"github.com/cucumber/godog"

	"flowtest/steps/flow"
)

func act(v *vocabulary) {
	v.area = "What a person does"
	v.When(`^I fill in "([^"]*)" with "((?:[^"\\]|\\.)*)"$`, (*World).fill,
		"Fills in a field, named by its key. Lists take values with commas between them, a phone number a JSON object.",
		`When I fill in "username" with "${user.username}"`)
	v.When(`^I fill in:$`, (*World).fillTable,
		"Fills in several fields.",
		"When I fill in:\n  | key      | value            |\n  | username | ${user.username} |")
	v.table(typedColumns)
	v.When(`^I press "((?:[^"\\]|\\.)*)"$`, (*World).press,
		"Presses a button or link, named by its key or its label, and posts what was filled in.",
		`When I press "SIGNON"`)
	v.When(`^I submit the form with:$`, (*World).submitWith,
		"Fills in several fields and presses the only submit button.",
		"When I submit the form with:\n  | key      | value            |\n  | username | ${user.username} |\n"+
			"  | password | ${user.password} |")
	v.table(typedColumns)
	v.When(`^the screen polls$`, (*World).poll,
		"Waits as long as the screen asks and polls once.",
		`When the screen polls`)
	v.When(`^the screen polls until it moves on$`, (*World).pollOn,
		"Polls until something else than a wait comes back, at most as often as the screen allows.",
		`When the screen polls until it moves on`)
}

func (w *World) fill(key, value string) error {
	j, err := w.journey()
	if err != nil {
		return err
	}
	value, err = w.expand(unescape(value))
	if err != nil {
		return err
	}
	return j.Fill(key, value)
}

func (w *World) fillTable(t *godog.Table) error {
	j, err := w.journey()
	if err != nil {
		return err
	}
	return w.pairs(t, typedColumns, j.Fill)
}

func (w *World) press(ctx context.Context, name string) error {
	j, err := w.journey()
	if err != nil {
		return err
	}
	_, err = j.Press(ctx, unescape(name))
	return err
}

func (w *World) submitWith(ctx context.Context, t *godog.Table) error {
	if err := w.fillTable(t); err != nil {
		return err
	}
	_, err := w.Journey.Submit(ctx)
	return err
}

func (w *World) poll(ctx context.Context) error {
	j, err := w.journey()
	if err != nil {
		return err
	}
	_, err = j.Poll(ctx)
	return err
}

func (w *World) pollOn(ctx context.Context) error {
	j, err := w.journey()
	if err != nil {
		return err
	}
	limit := j.PollRetries()
	for range max(limit, 1) {
		h, err := j.Poll(ctx)
		if err != nil {
			return err
		}
		if h.Outcome != flow.Rewound {
			return nil
		}
	}
	return fmt.Errorf("the screen still waits after %d polls, which is all that it allows", limit)
}

// fillSentence is the sentence with which a person types one value.
var fillSentence = regexp.MustCompile(`^I fill in "([^"]*)" with "((?:[^"\\]|\\.)*)"$`)

// Typed returns what a sentence types into which field, as the feature writes
// it, so that a password can be kept out of reports even where the scenario
// never came to the field that would have told that it is one.
func Typed(text string) (key, value string, ok bool) {
	m := fillSentence.FindStringSubmatch(text)
	if m == nil {
		return "", "", false
	}
	return m[1], unescape(m[2]), true
}

// TypesTable reports whether a sentence types the rows of its table, each a key
// and a value.
func TypesTable(text string) bool { return text == "I fill in:" || text == "I submit the form with:" }
