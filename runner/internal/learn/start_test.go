package learn_test

import (
	"maps"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner/internal/learn"
	"flowtest/runner/internal/walk"
	"flowtest/steps/davinci"
)

// with starts the flow with further parameters, which answers with its screen at a node.
func (k *talk) with(node string, parameters url.Values) {
	query := url.Values{
		"response_mode": {"pi.flow"}, "client_id": {"app"}, "state": {k.state()}, "response_type": {"code"},
		"nonce": {k.id()}, "code_challenge": {k.token()}, "scope": {"openid"}, "redirect_uri": {"https://app.example.com/"},
	}
	maps.Copy(query, parameters)
	k.exchange(http.MethodGet, "/as/authorize?"+query.Encode(), "", http.StatusOK, k.screen(node, "Sign On "+node, ""))
}

// startsWith makes journeys that start with and without parameters, twice each;
// those with them see another screen where it differs.
func startsWith(differs bool, parameters func(k *talk) url.Values) []davinci.Exchanges {
	node := "form1"
	if differs {
		node = "form2"
	}
	more := twice(func(k *talk) { k.number += 2; k.with(node, parameters(k)) })
	return both(twice(func(k *talk) { k.with("form1", nil) }), more)
}

// A parameter that chooses the answer is expected; what is generated, names the app,
// or makes no difference is not.
func TestTheStartIsKnownByWhatChoosesItsAnswer(t *testing.T) {
	for name, row := range map[string]struct {
		same       bool
		parameters func(k *talk) url.Values
		want       map[string]string
	}{
		"response_type": {
			false, func(*talk) url.Values { return url.Values{"response_type": {"token id_token"}} },
			map[string]string{"response_type": "token id_token"},
		},
		"a scope that few ask for": {
			false, func(*talk) url.Values { return url.Values{"scope": {"openid p1:read:user"}} },
			map[string]string{"scope": "openid p1:read:user"},
		},
		"prompt and max_age": {
			false, func(*talk) url.Values { return url.Values{"prompt": {"login"}, "max_age": {"0"}} },
			map[string]string{"prompt": "login", "max_age": "0"},
		},
		"the user's own name": {
			false, func(*talk) url.Values { return url.Values{"login_hint": {canaries["carol"]["username"]}} },
			map[string]string{"login_hint": "${user.username}"},
		},
		"the user's own address": {
			false, func(*talk) url.Values { return url.Values{"login_hint": {canaries["carol"]["email"]}} },
			map[string]string{"login_hint": "${user.email}"},
		},
		"somebody's address": {
			false, func(*talk) url.Values {
				return url.Values{"login_hint": {"somebody@mail.canary.dev"}, "prompt": {"login"}}
			},
			map[string]string{"prompt": "login"},
		},
		"what is generated, beside what is not": {
			false, func(k *talk) url.Values {
				return url.Values{
					"request_uri": {"urn:ietf:params:oauth:request_uri:" + k.id()}, "prompt": {"login"},
					"nonce": {"another" + k.id()}, "redirect_uri": {"https://other.example.com/"},
				}
			},
			map[string]string{"prompt": "login"},
		},
		"what makes no difference": {
			true, func(*talk) url.Values { return url.Values{"prompt": {"login"}, "response_type": {"token"}} }, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := learned(t, startsWith(!row.same, row.parameters), learn.Options{Name: "demo"})
			_, again := written(t, got)
			assert.Empty(t, again.Hops[0].Request.Query, "the plain start")
			if row.want == nil {
				assert.Len(t, again.Hops, 1)
				return
			}
			require.Len(t, again.Hops, 2, "%v", got.Unsure)
			assert.Equal(t, row.want, again.Hops[1].Request.Query)
		})
	}
}

// Hops that had one body in common each get their own once they differ.
func TestABodyThatTwoHopsSharedIsSplit(t *testing.T) {
	journey := func(message string) []davinci.Exchanges {
		return twice(func(k *talk) {
			k.start("")
			k.post(`{"username":"carol.canary","password":"other than that"}`, http.StatusBadRequest, refused)
			k.post(`{"username":"","password":""}`, http.StatusBadRequest, `{"id":"check","capabilityName":"checkPassword",`+
				`"code":"refused","message":"`+message+`"}`)
		})
	}
	first := learned(t, journey("That was wrong"), learn.Options{Name: "demo"})
	_, before := written(t, first)
	require.Len(t, before.Hops, 3)
	require.Equal(t, before.Hops[1].Response.JSON.File, before.Hops[2].Response.JSON.File)
	got := learned(t, journey("Nothing was typed"), learn.Options{Previous: before})
	_, after := written(t, got)
	require.Len(t, after.Hops, 3)
	assert.Contains(t, string(after.Hops[1].Response.JSON.Text), "That was wrong")
	assert.Contains(t, string(after.Hops[2].Response.JSON.Text), "Nothing was typed")
	assert.Equal(t, []string{after.Hops[2].Name}, got.Changed)
}

// What a recording was written out as is learned again, in both shapes: screens
// that only a way back shows in one of them included.
func TestWhatWasWrittenOutIsLearnedAgain(t *testing.T) {
	for _, f := range shipped.Flows(t) {
		var transcripts []davinci.Exchanges
		for _, detailed := range []bool{false, true} {
			more, _ := walk.Journeys(f, walk.Options{Detailed: detailed})
			transcripts = append(transcripts, more...)
		}
		got := learned(t, transcripts, learn.Options{Name: f.Name})
		_, again := written(t, got)
		names := map[string]bool{}
		for _, h := range again.Hops {
			for _, b := range []*recordings.Body{h.Response.JSON, h.Response.Detailed, h.Response.HTML} {
				if b != nil {
					names[b.File] = true
				}
			}
		}
		assert.NotContains(t, names, "body.json", f.Name)
		assert.NotEmpty(t, names, f.Name)
	}
}
