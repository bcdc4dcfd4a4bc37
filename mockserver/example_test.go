package mockserver_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"

	"github.com/jarcoal/httpmock"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/steps/flow"
)

// demo makes a server of the recordings that come with flowtest, with one user.
func demo() *mockserver.Server {
	flows, err := recordings.LoadAll(recordings.Shipped(), ".")
	if err != nil {
		panic(err)
	}
	server, err := mockserver.New(mockserver.Config{
		Flows: flows,
		Users: map[string]map[string]string{"ada": {"username": "ada", "password": "Lace-and-1843"}},
	})
	if err != nil {
		panic(err)
	}
	return server
}

// As a server: an app is pointed at its address.
func ExampleServer() {
	server := httptest.NewServer(demo())
	defer server.Close()

	start := server.URL + "/as/authorize?client_id=app&response_mode=pi.flow&acr_values=sign-on"
	resp, err := server.Client().Get(start) //nolint:noctx // short
	if err != nil {
		fmt.Println(err)
		return
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(resp.Status, gjson.GetBytes(body, "capabilityName"))
	// Output:
	// 200 OK customHTMLTemplate
}

// As a transport: a client in the same process needs no socket.
func ExampleServer_Transport() {
	ctx := context.Background()
	journey, err := flow.NewJourney(flow.Config{
		Transport: demo().Transport(),
		Authorize: "https://auth.example.invalid/" + mockserver.DefaultEnvironment + "/as/authorize",
		ClientID:  "app", Policy: "sign-on",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := journey.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	for field, value := range map[string]string{"username": "ada", "password": "Lace-and-1843"} {
		if err := journey.Fill(field, value); err != nil {
			fmt.Println(err)
			return
		}
	}
	hop, err := journey.Press(ctx, "SIGNON")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(hop.Outcome)
	// Output:
	// completed
}

// As a responder of httpmock: the replay answers for PingOne, and other stubs of the
// same transport answer for everything else that the app calls.
func ExampleServer_Responder() {
	mock, answer := httpmock.NewMockTransport(), demo().Responder()
	pingOne := regexp.MustCompile(`^https://auth\.example\.invalid/`)
	mock.RegisterRegexpResponder(http.MethodGet, pingOne, answer)
	mock.RegisterRegexpResponder(http.MethodPost, pingOne, answer)
	mock.RegisterResponder(http.MethodGet, "https://shop.example.invalid/orders",
		httpmock.NewStringResponder(200, `["an order"]`))
	client := &http.Client{Transport: mock}

	for _, url := range []string{
		"https://auth.example.invalid/as/authorize?client_id=app&response_mode=pi.flow&acr_values=sign-on",
		"https://shop.example.invalid/orders",
	} {
		resp, err := client.Get(url) //nolint:noctx // short
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(resp.Request.URL.Host, resp.StatusCode)
		_ = resp.Body.Close()
	}
	// Output:
	// auth.example.invalid 200
	// shop.example.invalid 200
}
