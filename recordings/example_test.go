package recordings_test

import (
	"fmt"
	"net/http"

	"github.com/jarcoal/httpmock"

	"flowtest/recordings"
)

// Load the recordings that come with flowtest, and list the hops of one.
func ExampleLoadAll() {
	flows, err := recordings.LoadAll(recordings.Shipped(), ".")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range flows {
		if f.Name != "sign-on" {
			continue
		}
		for _, hop := range f.Hops[:4] {
			fmt.Println(hop.Name, hop.Request.Action, hop.Answer().Status)
		}
	}
	// Output:
	// sign-on-form  200
	// wrong-password SIGNON 400
	// unknown-user SIGNON 400
	// completed SIGNON 200
}

// Record the journey of any HTTP client: give it a Recorder as its transport.
func ExampleRecorder() {
	service := httpmock.NewMockTransport() // in real life http.DefaultTransport
	service.RegisterResponder(http.MethodGet, "https://auth.pingone.example/env/as/authorize",
		httpmock.NewStringResponder(200, `{"capabilityName":"customForm","form":{"name":"Sign On"}}`))

	recorder := &recordings.Recorder{Next: service}
	client := &http.Client{Transport: recorder}
	resp, err := client.Get("https://auth.pingone.example/env/as/authorize?response_mode=pi.flow") //nolint:noctx // short
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = resp.Body.Close()

	for _, x := range recorder.Exchanges() {
		fmt.Println(x.Method, x.URL.Path, x.Status, string(x.Response))
	}
	// Output:
	// GET /env/as/authorize 200 {"capabilityName":"customForm","form":{"name":"Sign On"}}
}
