package flow_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/jarcoal/httpmock"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// A journey by hand: start the flow, fill in its screen and press a button. A
// refusal is a hop and no error; what the screen does not have is an error, and
// nothing is sent. Here httpmock answers; [flowtest/mockserver] replays whole flows.
func ExampleJourney() {
	const auth = "https://auth.example.test/env-1"
	service := httpmock.NewMockTransport()
	service.RegisterResponder(http.MethodGet, auth+"/as/authorize", httpmock.NewStringResponder(200, `{
		"id": "node1", "interactionId": "i-1", "capabilityName": "customHTMLTemplate",
		"form": {"name": "Sign On", "components": {"fields": [
			{"type": "TEXT", "key": "username", "label": "Username"},
			{"type": "PASSWORD", "key": "password", "label": "Password"},
			{"type": "SUBMIT_BUTTON", "key": "SIGNON", "label": "Sign On"}
		]}},
		"_links": {"next": {"href": "`+auth+`/davinci/connections/c-1/capabilities/customHTMLTemplate"}}
	}`))
	service.RegisterResponder(http.MethodPost, `=~/capabilities/customHTMLTemplate$`,
		httpmock.NewStringResponder(400, `{"code": "invalid", "message": " Invalid username or password"}`).
			Then(httpmock.NewStringResponder(200, `{"authorizeResponse": {"code": "a-code"}, "status": "COMPLETED"}`)))

	journey, err := flow.NewJourney(flow.Config{
		Transport: service, // Required: there is no default, so nothing is sent by mistake
		Authorize: auth + "/as/authorize",
		ClientID:  "my-application",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	hop, err := journey.Start(ctx)
	if err != nil {
		fmt.Println(err) // a *flow.NetworkError, for example
		return
	}
	fmt.Println(hop.Outcome, "at", hop.Screen().Name)

	if _, err := journey.Press(ctx, "SIGN-ON"); err != nil {
		fmt.Println(err)
	}
	for _, password := range []string{"wrong", "right"} {
		if err := errors.Join(journey.Fill("username", "alice"), journey.Fill("password", password)); err != nil {
			fmt.Println(err)
			return
		}
		if hop, err = journey.Submit(ctx); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%d: status %d, %s %q\n", hop.Number, hop.Status, hop.Outcome, hop.Message())
	}
	fmt.Println(hop.Outcome == davinci.Completed, hop.Get("authorizeResponse.code").Exists())

	// Output:
	// paused at Sign On
	// flow: press "SIGN-ON": the screen "Sign On" has no such button, it has SIGNON ("Sign On"); did you mean "SIGNON"?
	// 2: status 400, refused "Invalid username or password"
	// 3: status 200, completed ""
	// true true
}
