package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"time"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
	"flowtest/steps/words"
)

// Examples that errors show too.
const (
	choosesExample  = `Given the flow "sign-on"`
	startsExample   = `When I start the flow`
	detailedExample = `Given detailed responses`
)

func start(v *vocabulary) {
	v.area = "The flow and its user"
	v.Given(`^the flow "([^"]*)"$`, chooseFlow,
		"Chooses a flow by its name: in a replay the name of a recording, live the name of a flow of the target.",
		choosesExample, FlowName)
	v.Given(`^detailed responses$`, askDetailed,
		"Asks for detailed responses, which carry HTML, instead of JSON.",
		detailedExample, beforeFlow)
	v.Given(`^the user "([^"]*)"$`, (*World).ChooseUser,
		"Chooses the user whose attributes ${user.…} refers to. Without this sentence it is alice.",
		`Given the user "alice"`, UserName)
	v.Given(`^the authorize parameters:$`, authorizeParameters,
		"Sets parameters of the authorize request; an empty value removes one.",
		"Given the authorize parameters:\n  | name   | value |\n  | prompt | login |", parameterColumns)
	v.Given(`^the platform "([^"]*)"$`, choosePlatform,
		"Sends requests as the SDK of a platform does, from the next start on: javascript, android or ios. "+
			"Without this sentence the platform is that of the target, or else javascript.",
		`Given the platform "ios"`, platform)
	v.Given(`^the request headers:$`, requestHeaders,
		"Sets headers of every request from the next start on; an empty value removes one.",
		"Given the request headers:\n  | name            | value |\n  | Accept-Language | fr-CA |", headerColumns)
	v.When(`^I start the flow$`, startFlow,
		"Sends the authorize request. It is the first hop.",
		startsExample, startsFlow)
	v.When(`^I start the flow again$`, startAgain,
		"Sends the authorize request of another journey in the same browser, which keeps its cookies, such as "+
			"that of the session. The flow, the user and the parameters stay the same. "+
			"The numbers of its hops follow those of the journey before.",
		`When I start the flow again`, startsAgain)
	v.When(`^I start the flow in a new browser$`, startFlow,
		"Sends the authorize request of another journey in a browser without cookies. The numbers of its "+
			"hops follow those of the journey before.",
		`When I start the flow in a new browser`, startsAgain)
}

func chooseFlow(w *World, name string) error {
	c, err := w.target.Flow(name)
	if err != nil {
		return err
	}
	w.config, w.flowName = &c, name
	return nil
}

func askDetailed(w *World) error {
	w.detailed = true
	return nil
}

func authorizeParameters(w *World, rows []row) error {
	for _, r := range rows {
		w.parameters[r["name"]] = r["value"]
	}
	return nil
}

func choosePlatform(w *World, name string) error {
	w.platform = name
	return nil
}

func requestHeaders(w *World, rows []row) error {
	headers := maps.Clone(w.headers) // a journey keeps those with which it was started
	if headers == nil {
		headers = map[string]string{}
	}
	for _, r := range rows {
		if err := flow.CheckHeader(r["name"], r["value"]); err != nil {
			return err
		}
		headers[http.CanonicalHeaderKey(r["name"])] = r["value"]
	}
	w.headers = headers
	return nil
}

func startFlow(ctx context.Context, w *World) (err error) {
	if w.jar, err = cookiejar.New(nil); err != nil {
		return err
	}
	return startAgain(ctx, w)
}

func startAgain(ctx context.Context, w *World) error {
	c := *w.config
	c.Jar, c.Before = w.jar, len(w.Hops())
	c.Detailed, c.Redactor, c.Parameters = w.detailed, w.redactor, w.parameters
	c.Platform, c.Headers = cmp.Or(w.platform, c.Platform), w.headers
	c.LettingGo = func() { w.Verdicts() }
	j, err := flow.NewJourney(c)
	if err != nil {
		return err
	}
	w.begin(j)
	_, err = j.Start(ctx)
	return err
}

func act(v *vocabulary) {
	v.area = "What a person does"
	v.When(`^I fill in "([^"]*)" with "((?:[^"\\]|\\.)*)"$`, fill,
		"Fills in a field, named by its key. A list takes values separated by commas; a phone number takes a value "+
			"such as +41 79 123 45 67, or a JSON object.",
		`When I fill in "username" with "${user.username}"`, FieldKey, TypedValue)
	v.When(`^I fill in "([^"]*)" with the text:$`, fill,
		"Fills in a field with the text block below. Quotes need no backslash there.",
		"When I fill in \"username\" with the text:\n  \"\"\"\n  ${user.username}\n  \"\"\"",
		FieldKey, block{TypedValue})
	v.When(`^I fill in:$`, fillTable,
		"Fills in several fields.",
		"When I fill in:\n  | key      | value            |\n  | username | ${user.username} |", typedColumns)
	v.When(`^I check "([^"]*)"$`, check,
		"Checks a checkbox, named by its key. A checkbox with options must have exactly one.",
		`When I check "user.acceptedTerms"`, FieldKey)
	v.When(`^I uncheck "([^"]*)"$`, uncheck,
		"Unchecks a checkbox, named by its key; of one with options, all of them.",
		`When I uncheck "user.acceptedTerms"`, FieldKey)
	v.When(`^I choose "((?:[^"\\]|\\.)*)" in "([^"]*)"$`, choose,
		"Chooses an option, by its label or value, in a list, named by its key. If a list takes several, "+
			"the sentence adds one.",
		`When I choose "By email" in "contact.channel"`, TypedValue, FieldKey)
	v.When(`^I press "((?:[^"\\]|\\.)*)"$`, press,
		"Presses a button or link, named by its key or its label, and posts what was filled in.",
		`When I press "SIGNON"`, ButtonName)
	v.When(`^I submit the form$`, submit,
		"Presses the only submit button and posts what was filled in. If there is none, the form "+
			"is sent without a button.",
		`When I submit the form`)
	v.When(`^I submit the form with:$`, submitWith,
		"Fills in several fields and presses the only submit button. If there is none, the form "+
			"is sent without a button.",
		"When I submit the form with:\n  | key      | value            |\n  | username | ${user.username} |\n"+
			"  | password | ${user.password} |", typedColumns)
	v.When(`^I answer "([^"]*)" with:$`, answerWith,
		"Answers an SDK connector, a field of type METADATA, as an app does: with a JSON object below the sentence.",
		"When I answer \"metadata\" with:\n  \"\"\"\n  {\"status\": \"succeeded\"}\n  \"\"\"",
		FieldKey, block{jsonObject})
	v.When(`^I return from "((?:[^"\\]|\\.)*)" with the continue token "((?:[^"\\]|\\.)*)"$`, returnFrom,
		"Comes back from an identity provider, named by its type, or by the key or label of its button, "+
			"as an app does: with the continueToken of the redirect.",
		`When I return from "GOOGLE" with the continue token "${user.googleToken}"`, ProviderName, TypedValue)
	v.When(`^I return from "((?:[^"\\]|\\.)*)" with the ID token "((?:[^"\\]|\\.)*)"$`, returnWithIDToken,
		"Posts the ID token that a mobile app has from the SDK of an identity provider, such as Google's.",
		`When I return from "GOOGLE" with the ID token "${user.googleToken}"`, ProviderName, TypedValue)
	v.When(`^I return from "((?:[^"\\]|\\.)*)" with the access token "((?:[^"\\]|\\.)*)"$`, returnWithAccessToken,
		"Posts the access token that a mobile app has from the SDK of an identity provider, such as Facebook's.",
		`When I return from "FACEBOOK" with the access token "${user.facebookToken}"`, ProviderName, TypedValue)
	v.When(`^I wait "([^"]*)"$`, wait,
		"Waits that long, as in 500ms, 3s or 1m. The time limit of the scenario counts it.",
		`When I wait "1ms"`, waiting)
	v.When(`^the screen polls$`, poll,
		"Waits as long as the screen says, and polls once.",
		`When the screen polls`)
	v.When(`^the screen polls until it moves on$`, pollOn,
		"Polls until the flow no longer waits, at most as often as the screen allows.",
		`When the screen polls until it moves on`)
	v.When(`^the screen polls until the challenge is "((?:[^"\\]|\\.)*)"$`, pollFor,
		"Polls until a person has answered the challenge of the screen elsewhere, such as a push notification. It "+
			"must end in this way: approved, rejected, expired, timedOut or error. A replay needs a "+
			"recording that ends in this way.",
		`When the screen polls until the challenge is "approved"`, challengeEnd)
}

func fill(w *World, key, value string) error { return w.Journey.Fill(key, value) }

func check(w *World, key string) error { return w.Journey.Check(key, true) }

func uncheck(w *World, key string) error { return w.Journey.Check(key, false) }

func choose(w *World, option, key string) error { return w.Journey.Choose(key, option) }

func wait(ctx context.Context, _ *World, text string) error {
	d, err := time.ParseDuration(text)
	if err != nil {
		return err
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func fillTable(w *World, rows []row) error {
	for _, r := range rows {
		if err := fill(w, r["key"], r["value"]); err != nil {
			return fmt.Errorf("%w%s", err, side(w, rows))
		}
	}
	return nil
}

// side says that the rows and columns of a table are swapped, if its two rows begin with the
// keys of two fields.
func side(w *World, rows []row) string {
	const two = 2
	screen := w.Journey.Screen()
	if len(rows) != two || screen == nil {
		return ""
	}
	a, b := rows[0]["key"], rows[0]["value"]
	if screen.Field(a) == nil || screen.Field(b) == nil {
		return ""
	}
	// The values may be secrets.
	return fmt.Sprintf("; %q and %q are both keys, so the rows and columns of the table are swapped, want:"+
		"\n  | %s | … |\n  | %s | … |", a, b, a, b)
}

func press(ctx context.Context, w *World, name string) error {
	_, err := w.Journey.Press(ctx, name)
	return err
}

func submit(ctx context.Context, w *World) error {
	_, err := w.Journey.Submit(ctx)
	return err
}

func submitWith(ctx context.Context, w *World, rows []row) error {
	if err := fillTable(w, rows); err != nil {
		return err
	}
	return submit(ctx, w)
}

func answerWith(ctx context.Context, w *World, key, object string) error {
	_, err := w.Journey.Answer(ctx, key, object)
	return err
}

func returnFrom(ctx context.Context, w *World, provider, token string) error {
	_, err := w.Journey.Return(ctx, provider, token)
	return err
}

func returnWithIDToken(ctx context.Context, w *World, provider, token string) error {
	_, err := w.Journey.ReturnNatively(ctx, provider, "idToken", token)
	return err
}

func returnWithAccessToken(ctx context.Context, w *World, provider, token string) error {
	_, err := w.Journey.ReturnNatively(ctx, provider, "accessToken", token)
	return err
}

func poll(ctx context.Context, w *World) error {
	_, err := w.Journey.Poll(ctx)
	return err
}

// challengeEnds are how a challenge ends.
var challengeEnds = []string{"approved", "rejected", "expired", "timedOut", "error"}

// endKnown says that an end of a challenge is likely to be a misspelt one.
func endKnown(end string) error {
	if near := words.Nearest(end, challengeEnds); near != "" && !slices.Contains(challengeEnds, end) {
		return fmt.Errorf("no challenge ends %q, want %s; did you mean %q?", end, words.List(challengeEnds, 0), near)
	}
	return nil
}

func pollFor(ctx context.Context, w *World, end string) error {
	if end == "" {
		return errors.New("the end of the challenge is empty, want one such as approved or rejected")
	}
	return poll(davinci.WantEnd(ctx, end), w)
}

func pollOn(ctx context.Context, w *World) error {
	limit := w.Journey.PollRetries()
	for range max(limit, 1) {
		if h, err := w.Journey.Poll(ctx); err != nil || h.Outcome != davinci.Rewound {
			return err
		}
	}
	return fmt.Errorf("the screen still waits after %d polls, as many as it allows", limit)
}
