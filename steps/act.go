package steps

import (
	"context"
	"fmt"

	"flowtest/steps/davinci"
)

func act(v *vocabulary) {
	v.area = "What a person does"
	v.When(`^I fill in "([^"]*)" with "((?:[^"\\]|\\.)*)"$`, (*World).fill,
		"Fills in a field, named by its key. Lists take values with commas between them, a phone number a JSON object.",
		`When I fill in "username" with "${user.username}"`, FieldKey, TypedValue)
	v.When(`^I fill in:$`, table(typedColumns, (*World).fillTable),
		"Fills in several fields.",
		"When I fill in:\n  | key      | value            |\n  | username | ${user.username} |")
	v.When(`^I press "((?:[^"\\]|\\.)*)"$`, (*World).press,
		"Presses a button or link, named by its key or its label, and posts what was filled in.",
		`When I press "SIGNON"`, ButtonName)
	v.When(`^I submit the form with:$`, table(typedColumns, (*World).submitWith),
		"Fills in several fields and presses the only submit button.",
		"When I submit the form with:\n  | key      | value            |\n  | username | ${user.username} |\n"+
			"  | password | ${user.password} |")
	v.When(`^the screen polls$`, (*World).poll,
		"Waits as long as the screen says, and polls once.",
		`When the screen polls`)
	v.When(`^the screen polls until it moves on$`, (*World).pollOn,
		"Polls until the flow no longer waits, at most as often as the screen allows.",
		`When the screen polls until it moves on`)
}

func (w *World) fill(key, value string) error {
	j, err := w.journey()
	if err != nil {
		return err
	}
	return j.Fill(key, value)
}

func (w *World) fillTable(_ context.Context, rows []row) error {
	j, err := w.journey()
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := j.Fill(r["key"], r["value"]); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) press(ctx context.Context, name string) error {
	j, err := w.journey()
	if err != nil {
		return err
	}
	_, err = j.Press(ctx, name)
	return err
}

func (w *World) submitWith(ctx context.Context, rows []row) error {
	if err := w.fillTable(ctx, rows); err != nil {
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
		if h.Outcome != davinci.Rewound {
			return nil
		}
	}
	return fmt.Errorf("the screen still waits after %d polls, as many as it allows", limit)
}
