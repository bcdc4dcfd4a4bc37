package flow_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

func TestAScreenWithoutAWayOnIsNotPressed(t *testing.T) {
	href := "https://auth.example.test/env-1/davinci/connections/conn1/capabilities/customHTMLTemplate?next=true"
	for name, row := range map[string]struct {
		detailed bool
		body     string
	}{
		"the next link leads away": {false, strings.Replace(form(username, signOn), href, "https://evil.example.test/x", 1)},
		"there is no connection":   {true, strings.Replace(detailed, `"connectionId":"conn1",`, "", 1)},
		"there is no capability":   {true, strings.Replace(detailed, `"capabilityName":"customHTMLTemplate",`, "", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			s := answering(says(http.StatusOK, row.body))
			c := config(s)
			c.Detailed = row.detailed
			j, err := flow.NewJourney(c)
			require.NoError(t, err)
			_, first := j.Start(t.Context())
			require.Error(t, first)
			require.NotPanics(t, func() {
				_, err = j.Press(t.Context(), "SIGNON")
				assert.EqualError(t, err, first.Error(), "what was wrong with the link is said again")
			})
			assert.Len(t, s.requests, 1)
		})
	}
}

func TestADetailedScreenNeedsConnectionAndCapability(t *testing.T) {
	c := config(answering(says(http.StatusOK, strings.Replace(detailed, `"connectionId":"conn1",`, "", 1))))
	c.Detailed = true
	j, err := flow.NewJourney(c)
	require.NoError(t, err)
	_, err = j.Start(t.Context())
	require.EqualError(t, err,
		"flow: a detailed screen has no connectionId or capabilityName to build the next link from")
}

func TestAButtonWithoutAKeyIsNotPressedByNothing(t *testing.T) {
	s := answering(says(http.StatusOK, form(`{"type":"FLOW_BUTTON","label":"Back"}`)))
	j := started(t, s)
	_, err := j.Press(t.Context(), "")
	require.EqualError(t, err, `flow: press "": the screen "Sign On Form" has no such button, it has  ("Back")`)
	assert.Len(t, s.requests, 1)
}

func TestARetryAfterThatIsNoTime(t *testing.T) {
	for _, after := range []string{"", "-1", "-99999999999", "99999999999999", "99999999999999999999", "soon", "1.5"} {
		t.Run(after, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := httpmock.NewStringResponse(http.StatusTooManyRequests, `{}`)
				r.Header.Set("Retry-After", after)
				s := answering(httpmock.ResponderFromResponse(r), says(http.StatusOK, form(signOn)))
				j, err := flow.NewJourney(config(s))
				require.NoError(t, err)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				h, err := j.Start(ctx)
				require.NoError(t, err)
				require.NotNil(t, h.Failure, "it does not come back at once")
				assert.Equal(t, davinci.FromRateLimit, h.Failure.Origin)
				assert.Len(t, s.requests, 1)
			})
		})
	}
}

func TestADateThatHasPassedMeansNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := httpmock.NewStringResponse(http.StatusTooManyRequests, `{}`)
		r.Header.Set("Retry-After", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
		j := started(t, answering(httpmock.ResponderFromResponse(r), says(http.StatusOK, form(signOn))))
		assert.Equal(t, 1, j.Last().Retries)
	})
}

func TestAStartThatIsGivenUpWhileItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := httpmock.NewStringResponse(http.StatusTooManyRequests, `{}`)
		r.Header.Set("Retry-After", "60")
		j, err := flow.NewJourney(config(answering(httpmock.ResponderFromResponse(r))))
		require.NoError(t, err)
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errors.New("the run was stopped")) })
		_, err = j.Start(ctx)
		_, ok := errors.AsType[*flow.NetworkError](err)
		require.True(t, ok, "%T: %v", err, err)
		require.EqualError(t, err, "flow: GET /env-1/as/authorize: the run was stopped")
	})
}

func TestAStartThatIsGivenUpWhileItIsAnswered(t *testing.T) {
	cause := errors.New("the run was stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	j, err := flow.NewJourney(config(answering(func(r *http.Request) (*http.Response, error) {
		cancel(cause)
		return nil, r.Context().Err()
	})))
	require.NoError(t, err)
	_, err = j.Start(ctx)
	require.EqualError(t, err, "flow: GET /env-1/as/authorize: the run was stopped")
	require.ErrorIs(t, err, cause)
	assert.Empty(t, j.Hops())
	assert.Nil(t, j.Last())
}

func TestAnErrorNamesNoQuery(t *testing.T) {
	for name, location := range map[string]string{
		"a redirect to no URL":          "https://x.test/%zz?code=very-secret",
		"a redirect to a broken host":   "https://[x.test/?code=very-secret",
		"a redirect that is one":        "https://x.test/cb?code=very-secret&state=very-secret",
		"a redirect with a fragment":    "https://x.test/cb#access_token=very-secret",
		"a redirect with a user inside": "https://alice:very-secret@x.test/cb",
	} {
		t.Run(name, func(t *testing.T) {
			r := httpmock.NewStringResponse(http.StatusFound, "")
			r.Header.Set("Location", location)
			j, err := flow.NewJourney(config(answering(httpmock.ResponderFromResponse(r))))
			require.NoError(t, err)
			h, err := j.Start(t.Context())
			if err != nil {
				assert.NotContains(t, err.Error(), "very-secret")
				assert.NotContains(t, err.Error(), "client-1")
			} else {
				assert.NotContains(t, h.Failure.Message, "very-secret")
			}
		})
	}
}

func TestADeviceWithoutOptionsIsNotPostedEmpty(t *testing.T) {
	s := answering(says(http.StatusOK, form(`{"type":"DEVICE_AUTHENTICATION","key":"device"}`, signOn)), says(http.StatusOK, done))
	j := started(t, s)
	err := j.Fill("device", "EMAIL")
	require.EqualError(t, err, `flow: fill in "device": the DEVICE_AUTHENTICATION lists no options here and takes a JSON object`,
		"an EMAIL that is not listed has no id to post")
	require.NoError(t, j.Fill("device", `{"type":"EMAIL","id":"d1","value":"a"}`), "a whole object needs no option")
}

func TestNullIsNoAuthorizeResponse(t *testing.T) {
	j := started(t, answering(says(http.StatusOK, `{"authorizeResponse":null}`)))
	assert.Equal(t, "failed", j.Last().Outcome.String(), "there is no code and no session")
}

func TestABodyThatBreaksOffHasNothing(t *testing.T) {
	j := started(t, answering(says(http.StatusOK, `{"id":"node000001","code":"x","message":"y","form":{"na`)))
	h := j.Last()
	assert.Equal(t, "notJSON", h.Failure.Code)
	assert.False(t, h.Get("id").Exists())
	assert.Empty(t, h.NodeID()+h.Code()+h.Message())
}

func TestAPersonDoesNotReadWhatIsForBrowsersWithoutScripts(t *testing.T) {
	h := davinci.Reader{}.Read(200, nil, []byte(`<p>Hello</p><noscript><p>Enable JavaScript</p></noscript><script>x</script>`))
	assert.Equal(t, "Hello", h.Page().Text())
}

func TestAFieldOnTheScreenTwiceIsPostedOnce(t *testing.T) {
	s := answering(says(http.StatusOK, form(username, username, signOn)), says(http.StatusOK, done))
	j := started(t, s)
	require.NoError(t, j.Fill("username", "alice"))
	_, err := j.Submit(t.Context())
	require.NoError(t, err)
	data := gjson.Get(s.bodies[1], "parameters.data.formData").Raw
	assert.Equal(t, 1, strings.Count(data, strconv.Quote("username")), data)
}
