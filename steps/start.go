package steps

import (
	"context"

	"flowtest/steps/flow"
)

// Examples that errors show too.
const (
	choosesExample  = `Given the flow "sign-on"`
	startsExample   = `When I start the flow`
	detailedExample = `Given detailed responses`
)

func start(v *vocabulary) {
	v.area = "The flow and its user"
	v.Given(`^the flow "([^"]*)"$`, (*World).flow,
		"Chooses the flow by its name: in a replay the name of a recording, live one of the target's flows.",
		choosesExample, FlowName)
	v.Given(`^detailed responses$`, (*World).wantDetailed,
		"Asks for detailed responses, which carry HTML, instead of JSON.",
		detailedExample).at(beforeFlow)
	v.Given(`^the user "([^"]*)"$`, (*World).ChooseUser,
		"Chooses the user whose attributes ${user.…} refers to. Without this sentence it is alice.",
		`Given the user "alice"`, UserName)
	v.Given(`^the authorize parameters:$`, table(parameterColumns, (*World).authorizeParameters),
		"Sets parameters of the authorize request; an empty value removes one.",
		"Given the authorize parameters:\n  | name   | value |\n  | prompt | login |")
	v.When(`^I start the flow$`, (*World).startFlow,
		"Sends the authorize request. It is the first hop.",
		startsExample).at(startsFlow)
}

func (w *World) flow(name string) error {
	c, err := w.target.Flow(name)
	if err != nil {
		return err
	}
	w.config, w.flowName = &c, name
	return nil
}

func (w *World) wantDetailed() error {
	if w.Journey != nil {
		return errStarted
	}
	w.detailed = true
	return nil
}

// ChooseUser makes the user of that name the one who signs on from now on. The
// error says which users there are.
func (w *World) ChooseUser(name string) error {
	u, err := w.target.User(name)
	if err != nil {
		return err
	}
	w.user, w.userName = u, name
	w.redactor.Add(u.Secrets()...)
	return nil
}

func (w *World) authorizeParameters(_ context.Context, rows []row) error {
	for _, r := range rows {
		w.parameters[r["name"]] = r["value"]
	}
	return nil
}

func (w *World) startFlow(ctx context.Context) error {
	if w.config == nil {
		return errNoFlow
	}
	c := *w.config
	c.Detailed = w.detailed
	c.Redactor = w.redactor
	c.Parameters = w.parameters
	j, err := flow.NewJourney(c)
	if err != nil {
		return err
	}
	w.begin(j)
	_, err = j.Start(ctx)
	return err
}
