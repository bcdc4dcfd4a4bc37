package mockserver_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/recordings"
)

// withTokens are people that an identity provider knows.
var withTokens = map[string]map[string]string{
	"ann": {"username": "ann", "password": "x", "email": "ann@example.com", "googleToken": "ann-google", "facebookToken": "ann-facebook"},
	"ben": {"username": "ben", "password": "y", "email": "ben@example.com", "googleToken": "ben-google", "facebookToken": "ben-facebook"},
}

// comeBack posts a continue token as the SDKs do.
func (r *replay) comeBack(tb testing.TB, link, token, cookies string) reply {
	tb.Helper()
	return r.send(tb, http.MethodPost, link, map[string]string{
		"X-Requested-With": "ping-sdk", "Authorization": "Bearer " + token, "Cookie": cookies, "Content-Type": "application/json",
	}, "{}")
}

// social starts the flow at a screen that leads to identity providers.
func (r *replay) social(tb testing.TB) (screen reply, cookies, link string) {
	tb.Helper()
	a := r.send(tb, http.MethodGet, authorize("social", "redirect_uri", "https://app.example.com/back?own=1"), sdk, "")
	require.Equal(tb, http.StatusOK, a.status, a.text)
	cookies = "interactionId=" + a.cookies["interactionId"] + "; interactionToken=" + a.cookies["interactionToken"]
	return a, cookies, a.Get("_links.continue.href").String()
}

func TestComingBackFromAnIdentityProvider(t *testing.T) {
	r := replaying(t, mockserver.Config{Users: withTokens})
	_, cookies, link := r.social(t)
	a := r.comeBack(t, link, "ben-google", cookies)
	assert.Equal(t, "COMPLETED", a.Get("status").String(), a.text)

	_, cookies, link = r.social(t)
	a = r.comeBack(t, link, "wrong", cookies)
	assert.Equal(t, "invalidContinueToken", a.Get("code").String(), a.text)
	a = r.comeBack(t, link, "ben-facebook", cookies)
	assert.Equal(t, "Email Form", a.Get("form.name").String(), "the form stays where a token is refused")
	s := &signOn{replay: r}
	s.keep(a)
	a = s.press(t, "submit", map[string]any{"user.email": "ann@example.com"})
	assert.Equal(t, http.StatusNotFound, a.status, "the token said that ben signs on")
	a = s.press(t, "submit", map[string]any{"user.email": "ben@example.com"})
	assert.Equal(t, "COMPLETED", a.Get("status").String(), a.text)
	requireUnauthorized(t, r.send(t, http.MethodPost, s.link, s.headers(), pressing("submit", "submit", nil)))

	_, cookies, link = r.social(t)
	requireUnauthorized(t, r.comeBack(t, link, "ben-google", strings.Replace(cookies, "interactionToken=", "interactionToken=0", 1)))
	assert.Equal(t, http.StatusNotFound, r.comeBack(t, link, "ben-google", "").status, "nothing says whose token it is")
	assert.Equal(t, http.StatusNotFound, r.comeBack(t, link+"s", "ben-google", cookies).status, "another path")
	assert.Equal(t, http.StatusNotFound, r.comeBack(t, strings.Replace(link, "/callback", ".callback", 1), "ben-google", cookies).status)
}

// A browser that is sent to the provider comes straight back to the app, whose token
// says by itself which sign-on goes on: Node sends no cookies.
func TestAnIdentityProviderIsStoodFor(t *testing.T) {
	r := replaying(t, mockserver.Config{Users: withTokens})
	tokens := map[string]bool{}
	for range 2 {
		for provider, want := range map[string]string{"GOOGLE": "status", "FACEBOOK": "form.name"} {
			a, _, link := r.social(t)
			b, _, _ := r.social(t) // another sign-on at the same time
			leads := a.Get(`form.components.fields.#(idpType==` + provider + `).links.authenticate.href`).String()
			sent := r.send(t, http.MethodGet, leads, nil, "")
			require.Equal(t, http.StatusFound, sent.status, sent.text)
			to, err := url.Parse(sent.header.Get("Location"))
			require.NoError(t, err)
			token := to.Query().Get("continueToken")
			assert.Equal(t, "https://app.example.com/back?continueToken="+token+"&own=1", to.String())
			assert.False(t, tokens[token], "a token is new each time")
			tokens[token] = true
			back := r.comeBack(t, link, token, "interactionId="+b.cookies["interactionId"])
			assert.True(t, back.Get(want).Exists(), back.text)
			if provider == "FACEBOOK" {
				assert.Equal(t, a.Get("interactionId").String(), back.Get("interactionId").String(), "the token names the sign-on")
			} else {
				requireUnauthorized(t, r.comeBack(t, link, token, ""))
			}
		}
	}
}

func TestAnIdentityProviderHasNowhereToGo(t *testing.T) {
	r := replaying(t, mockserver.Config{Users: withTokens})
	a := r.send(t, http.MethodGet, authorize("social"), sdk, "")
	leads := a.Get(`form.components.fields.#(idpType==GOOGLE).links.authenticate.href`).String()
	sent := r.send(t, http.MethodGet, leads, nil, "")
	assert.Equal(t, http.StatusBadRequest, sent.status)
	assert.Equal(t, "The authorize request had no redirect_uri, to which an identity provider could send the browser back.",
		sent.Get("message").String())
	leads = strings.Replace(leads, a.Get("interactionId").String(), "of-another", 1)
	assert.Equal(t, http.StatusNotFound, r.send(t, http.MethodGet, leads, nil, "").status)
}

func TestAReturnThatIsNotRecorded(t *testing.T) {
	body := strings.Replace(screenBody("social", false), `"_links":{`,
		`"_links":{"continue":{"href":"{{authPath}}/{{envID}}/davinci/{{minted.step}}/callback"},`, 1)
	r := replaying(t, mockserver.Config{Flows: []*recordings.Flow{recorded(t, "social", `hops:
  - name: social
    request: {path: /as/authorize}
    response: {status: 200, json: social.json}
  - name: again
    from: social
    request: {action: GO}
    to: social
`, map[string]string{"social.json": body})}})
	s := r.start(t, "social")
	a := r.comeBack(t, s.base+envPath+"/davinci/any/callback", "some-token-of-mine", "interactionId="+s.id)
	assert.Equal(t, http.StatusNotFound, a.status)
	assert.Equal(t, "the recording of the flow \"social\" has no answer to returning from an identity provider at the screen \"social\"\n"+
		"recorded there: GO\nthe nearest recorded hop is \"again\": recorded is not a return from an identity provider, "+
		"action is \"\", recorded is \"GO\"\n"+
		"choose what is recorded, record this path with flowtest record, or add a hop to social/recording.yaml",
		gjson.Get(a.text, "message").String())
	assert.NotContains(t, a.text, "some-token-of-mine")
}
