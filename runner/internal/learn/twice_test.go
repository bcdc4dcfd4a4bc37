package learn_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/tidwall/gjson"

	"flowtest/runner/internal/learn"
)

// Of a name that is in one object twice the last value is recorded, as every reader of
// JSON has it, and no value of a secret is.
func TestANameThatIsThereTwiceIsRecordedWithItsLastValue(t *testing.T) {
	t.Parallel()
	again := func(text, name, first string) string {
		return strings.Replace(text, `{"`, `{"`+name+`":"`+first+`","`, 1)
	}
	got := learned(t, twice(func(k *talk) {
		k.exchange(http.MethodGet, "/as/authorize?response_mode=pi.flow&client_id=app&state="+k.state(), "", http.StatusOK,
			again(again(k.screen("form1", "Sign On", `"note":"a","note":"b"`), "id", "other"), "interactionToken", "t0ken-of-the-first"))
		k.post(`{"username":"zoe","username":"otto","password":"x-first-password","password":"y"}`, http.StatusBadRequest,
			`{"id":"no","id":"check","capabilityName":"check","code":"first","code":"second","message":"wrong"}`)
	}), learn.Options{Name: "demo"})
	dir, flow := written(t, got)
	body := gjson.ParseBytes(flow.Hops[0].Response.JSON.Text)
	assert.Equal(t, "form1", body.Get("id").String())
	assert.Equal(t, "b", body.Get("note").String())
	assert.Equal(t, "second", gjson.GetBytes(flow.Hops[1].Response.JSON.Text, "code").String())
	assert.Equal(t, 1, strings.Count(string(flow.Hops[0].Response.JSON.Text), `"note"`))
	assertNoSecret(t, dir, "t0ken-of-the-first")
	assertNoSecret(t, dir, "x-first-password")

	for secret, transcripts := range map[string]func(k *talk){
		"t0ken-of-the-first": func(k *talk) {
			k.exchange(http.MethodGet, "/as/authorize?response_mode=pi.flow&client_id=app&state="+k.state(), "", http.StatusOK,
				again(k.screen("form1", "Sign On", `"note":"it was t0ken-of-the-first"`), "interactionToken", "t0ken-of-the-first"))
		},
		"x-first-password": func(k *talk) {
			k.start("")
			k.post(`{"username":"zoe","password":"x-first-password","password":"y"}`, http.StatusBadRequest,
				`{"id":"check","capabilityName":"check","message":"not x-first-password"}`)
		},
	} {
		dir, flow := written(t, learned(t, twice(transcripts), learn.Options{Name: "demo"}))
		assertNoSecret(t, dir, secret)
		assert.Contains(t, string(flow.Hops[len(flow.Hops)-1].Response.JSON.Text), "flowtest-secret-1")
	}
}

// A token is one by its place, though a service hands out the same word to every journey.
func TestATokenIsNeverConstant(t *testing.T) {
	t.Parallel()
	got := learned(t, twice(func(k *talk) {
		body := strings.Replace(k.screen("form1", "Sign On", `"sessionToken":"session-token"`), k.token(), "tok-aaaaaaaaaaaaaaaaaaa", 1)
		k.exchange(http.MethodGet, "/as/authorize?response_mode=pi.flow&client_id=app&state="+k.state(), "", http.StatusOK, body)
	}), learn.Options{Name: "demo"})
	_, flow := written(t, got)
	body := gjson.ParseBytes(flow.Hops[0].Response.JSON.Text)
	assert.Equal(t, "{{interactionToken}}", body.Get("interactionToken").String())
	assert.Equal(t, "{{sessionToken}}", body.Get("sessionToken").String())
}
