package learn_test

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner/internal/learn"
	"flowtest/runner/internal/walk"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// social starts a flow whose screen leads to an identity provider.
func (k *talk) social() {
	k.start("")
	x := &k.exchanges[0]
	x.Response = []byte(strings.Replace(string(x.Response), `"_links":{`, `"_links":{"continue":{"href":"`+origin+"/"+
		environment+`/davinci/connections/`+connection+`/callback"},`, 1))
}

// back comes back from there with a token.
func (k *talk) back(token string, status int, response string) {
	k.exchange(http.MethodPost, "/davinci/connections/"+connection+"/callback", "{}", status, response)
	header := k.exchanges[len(k.exchanges)-1].Header
	header.Del("interactionId")
	header.Del("interactionToken")
	header.Set("Authorization", "Bearer "+token)
	header.Set("Cookie", "interactionId="+k.id()+"; interactionToken="+k.token())
}

func hopsOf(f *recordings.Flow) map[string]recordings.Request {
	out := map[string]recordings.Request{}
	for _, h := range f.Hops {
		out[h.Name] = h.Request
	}
	return out
}

// A client that comes back from an identity provider is a hop of the flow, and its
// token is no value of the recording.
func TestAReturnFromAnIdentityProviderIsAHop(t *testing.T) {
	t.Parallel()
	const token = "ya29.a0AfH6SMBx-continue-2291"
	users := map[string]map[string]string{"carol": {"username": "carol.canary", "googleToken": token}}
	right := twice(func(k *talk) { k.social(); k.back(token, http.StatusOK, completed(k)) })
	wrong := twice(func(k *talk) { k.social(); k.back("an0ther-"+token, http.StatusBadRequest, refused) })
	for name, row := range map[string]struct {
		transcripts []davinci.Exchanges
		users       map[string]map[string]string
		want        map[string]string
	}{
		"of a user":          {right, users, map[string]string{"completed": "${user.googleToken}"}},
		"of an unknown user": {right, canaries, map[string]string{"completed": "*"}},
		"right and wrong":    {both(right, wrong), users, map[string]string{"completed": "${user.googleToken}", "wrong-google-token": "${user.wrongGoogleToken}"}},
		"refused before":     {both(wrong, right), users, map[string]string{"completed": "${user.googleToken}", "wrong-google-token": "${user.wrongGoogleToken}"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := learned(t, row.transcripts, learn.Options{Name: "demo", Users: row.users})
			assert.Zero(t, got.Ignored)
			assert.Empty(t, got.Broken)
			assert.Empty(t, got.Unsure)
			dir, again := written(t, got)
			have := map[string]string{}
			for name, r := range hopsOf(again) {
				if r.ContinueToken != "" {
					have[name] = r.ContinueToken
				}
			}
			assert.Equal(t, row.want, have)
			assertNoSecret(t, dir, token)
		})
	}
	got := learned(t, twice(func(k *talk) { k.start(""); k.back(token, http.StatusOK, completed(k)) }),
		learn.Options{Name: "demo", Users: users})
	require.NotEmpty(t, got.Broken)
	assert.Contains(t, got.Broken[0], "comes back from an identity provider, and the screen has no _links.continue.href")
}

// The token of a provider's own SDK is none of those that a browser brings back: a wrong one is
// another one than those that are posted in its way.
func TestATokenOfAProvidersSDKIsAHop(t *testing.T) {
	t.Parallel()
	const google, facebook = "ya29.a0AfH6SMBx-continue-2291", "EAAGm0PX4ZCpsBAKZ-continue-77"
	users := map[string]map[string]string{"carol": {"username": "carol.canary", "googleToken": google, "facebookToken": facebook}}
	posts := func(property, token string, status int) func(k *talk) {
		return func(k *talk) {
			k.social()
			answer := refused
			if status == http.StatusOK {
				answer = completed(k)
			}
			k.exchange(http.MethodPost, "/rp/native?flowId=x", `{"`+property+`":"`+token+`"}`, status, answer)
		}
	}
	transcripts := both(
		twice(posts("idToken", google, http.StatusOK)), twice(posts("accessToken", facebook, http.StatusOK)),
		twice(posts("idToken", "an0ther-"+google, http.StatusBadRequest)),
		twice(func(k *talk) { k.social(); k.back(google, http.StatusOK, completed(k)) }),
		twice(func(k *talk) { k.social(); k.back(facebook, http.StatusOK, completed(k)) }),
		twice(func(k *talk) { k.social(); k.back("an0ther-"+google, http.StatusBadRequest, refused) }),
	)
	got := learned(t, transcripts, learn.Options{Name: "demo", Users: users})
	dir, again := written(t, got)
	var have []string
	for _, r := range hopsOf(again) {
		if r.ContinueToken != "" {
			have = append(have, r.Native+" "+r.ContinueToken)
		}
	}
	assert.ElementsMatch(t, []string{
		"idToken ${user.googleToken}", "accessToken ${user.facebookToken}", "idToken ${user.wrongGoogleToken}",
		" ${user.googleToken}", " ${user.facebookToken}", " *",
	}, have)
	assertNoSecret(t, dir, google)
	assertNoSecret(t, dir, facebook)
}

// asking makes every request of a journey one of a client.
func asking(platform, language string, journey func(k *talk)) func(k *talk) {
	return func(k *talk) {
		journey(k)
		for i := range k.exchanges {
			k.exchanges[i].Header.Set("X-Requested-Platform", platform)
			if language != "" {
				k.exchanges[i].Header.Set("Accept-Language", language)
			}
		}
	}
}

// The platform and the language belong to the hops whose answer depends on them, and to
// no other.
func TestPlatformAndLanguageAreKeptWhereTheAnswerDependsOnThem(t *testing.T) {
	t.Parallel()
	ends := func(text string) func(k *talk) {
		return func(k *talk) {
			k.start(`"title":"` + text + `"`)
			k.post(rightly, http.StatusOK, completed(k))
		}
	}
	web := twice(asking("javascript", "en-US,en;q=0.9", ends("Sign on")))
	ios := twice(asking("ios", "en-US", ends("Sign on with your phone")))
	same := twice(asking("android", "de-DE", ends("Sign on")))
	french := twice(asking("javascript", "fr-FR,fr;q=0.8", ends("Ouvrez une session")))
	frenchIOS := twice(asking("ios", "fr-FR", ends("Ouvrez une session sur ce telephone")))
	for name, row := range map[string]struct {
		transcripts []davinci.Exchanges
		want        []string // platform and language of the hops that start the flow, in their order
	}{
		"one client":                     {web, []string{"/"}},
		"only another one":               {french, []string{"/"}},
		"two with the same":              {both(web, same), []string{"/"}},
		"a screen for iOS":               {both(web, ios), []string{"/", "ios/"}},
		"a screen for iOS, first":        {both(ios, web), []string{"ios/", "/"}},
		"a screen in French":             {both(web, french), []string{"/", "/fr"}},
		"each platform in each language": {slices.Concat(web, ios, french, frenchIOS), []string{"/", "ios/", "/fr", "ios/fr"}},
		"the language explains what the platform does not": {
			slices.Concat(twice(asking("android", "", ends("Sign on"))), twice(asking("javascript", "", ends("Sign on"))), french),
			[]string{"/", "/fr"},
		},
		"all of them": {both(web, ios, same, french), []string{"/", "ios/", "/fr"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := learned(t, row.transcripts, learn.Options{Name: "demo"})
			assert.Empty(t, got.Unsure)
			_, again := written(t, got)
			var have []string
			for _, h := range again.Hops {
				if h.Starts() {
					have = append(have, h.Request.Platform+"/"+h.Request.Language)
				} else {
					assert.Empty(t, h.Request.Platform+h.Request.Language, "the end is the same for all")
				}
			}
			assert.Equal(t, row.want, have)

			more := learned(t, row.transcripts, learn.Options{Name: "demo", Previous: again})
			assert.Empty(t, more.Added, "recorded again")
			assert.Empty(t, more.Changed)
		})
	}
	t.Run("put into a recording of the web", func(t *testing.T) {
		t.Parallel()
		first := learned(t, web, learn.Options{Name: "demo"})
		got := learned(t, ios, learn.Options{Name: "demo", Previous: first.Flow})
		assert.Len(t, got.Added, 2)
		assert.Empty(t, got.Changed, "that of the web stays")
		got = learned(t, ios, learn.Options{Name: "demo", Previous: got.Flow})
		assert.Empty(t, got.Added)
		assert.Empty(t, got.Changed)
	})
}

func assertNoSecret(t *testing.T, dir, secret string) {
	t.Helper()
	require.NoError(t, learn.Verify(os.DirFS(dir), []string{secret}))
}

// A secret that is a word of the protocol, of the flow or of recordings leaves keys,
// statuses and names as they are; values are replaced, and record says so.
func TestASecretThatIsAWordOfTheFlowStaysThere(t *testing.T) {
	t.Parallel()
	for secret, warned := range map[string]bool{
		"username": true, "COMPLETED": true, "continue": true, "code": true, "id": false, "SIGNON": true, "Sign On": true, "TEXT": true, "status": true, "hops": true,
		"recorded": true, "json": true, "200": true, "sign-on": true, "customHTMLTemplate": true, "refused": true,
		"authorizeResponse": true, "checkPassword": true,
	} {
		t.Run(secret, func(t *testing.T) {
			t.Parallel()
			journey := func(echo string) []davinci.Exchanges {
				return twice(func(k *talk) {
					k.start(`"echo":"` + echo + `","eventName":"continue","httpResponseCode":200`)
					k.post(`{"username":"carol.canary","password":"wrong1wrong"}`, http.StatusBadRequest, refused)
					k.post(`{"username":"carol.canary","password":"`+echo+`"}`, http.StatusOK, completed(k))
				})
			}
			of := func(password string) learn.Options {
				users := map[string]map[string]string{"carol": {"username": "carol.canary", "password": password}}
				return learn.Options{Name: "demo", Users: users}
			}
			require.NoError(t, learn.Check(of(secret)))
			got := learned(t, journey(secret), of(secret))
			want := learned(t, journey("Xq7-another"), of("Xq7-another"))
			have, err := got.Flow.Files()
			require.NoError(t, err)
			expected, err := want.Flow.Files()
			require.NoError(t, err)
			echo := `"echo": "{{user.password}}"`
			for name := range expected {
				text := string(have[name])
				if inputs := []string{"username", "code", "SIGNON", "TEXT"}; slices.Contains(inputs, secret) {
					text = strings.Replace(text, `"echo": "`+secret+`"`, echo, 1) // what fields are made of is left as it is
				}
				assert.Equal(t, string(expected[name]), text, name)
			}
			if assert.Equal(t, warned, len(got.Warnings) == 1, "%q", got.Warnings) && warned {
				assert.Contains(t, got.Warnings[0], "is also a key, a status or a name in ")
				assert.NotContains(t, got.Warnings[0], secret+":")
			}
		})
	}
}

// What a replay answers where it has no answer is no hop of a flow.
func TestAReplayWithoutAnAnswerIsNoHop(t *testing.T) {
	t.Parallel()
	transcripts := twice(func(k *talk) {
		k.start("")
		k.post(rightly, http.StatusNotFound, `{"interactionId":"`+k.id()+`","id":"form1","capabilityName":"customHTMLTemplate",`+
			`"code":"notRecorded","message":"the recording has no hop"}`)
	})
	got := learned(t, transcripts, learn.Options{Name: "demo"})
	assert.Len(t, got.Flow.Hops, 1)
	assert.Equal(t, []string{
		"journey 1, hop 2: POST …/customHTMLTemplate was answered by a replay, which has no such request",
		"journey 2, hop 2: POST …/customHTMLTemplate was answered by a replay, which has no such request",
	}, got.Broken)
}

// An app need not send a state: it is recorded, and the recording has none.
func TestAnAppWithoutAState(t *testing.T) {
	t.Parallel()
	transcripts := twice(func(k *talk) {
		k.start("")
		x := &k.exchanges[0]
		x.URL.RawQuery = "response_mode=pi.flow&client_id=app"
		k.post(rightly, http.StatusOK, strings.Replace(completed(k), `,"state":"`+k.state()+`"`, "", 1))
	})
	got := learned(t, transcripts, learn.Options{Name: "demo"})
	assert.Empty(t, got.Broken)
	assert.Empty(t, got.Unsure)
	assert.Empty(t, got.Warnings)
	assert.Zero(t, got.Once, "two journeys, though no state tells them apart")
	_, again := written(t, got)
	for _, h := range again.Hops {
		assert.NotContains(t, string(h.Response.JSON.Text), "state")
	}
	for _, transcript := range walkedOf(again) {
		for i, h := range flow.Observe(transcript, false) {
			assert.NotEqual(t, davinci.Failed, h.Outcome, "hop %d", i)
		}
	}
}

func walkedOf(f *recordings.Flow) []davinci.Exchanges {
	transcripts, _ := walk.Journeys(f, walk.Options{})
	return transcripts
}
