package target_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/target"
)

func TestBaseURL(t *testing.T) {
	tests := map[string]struct{ base, want string }{
		"a custom domain":                  {"https://auth.example.com/as", ""},
		"with the environment in it":       {"https://auth.pingone.eu/" + environmentID + "/as", ""},
		"with a slash after it":            {"https://auth.example.com/as/", ""},
		"with a port":                      {"https://auth.example.com:8443/as", ""},
		"http to this machine":             {"http://127.0.0.1:8080/as", ""},
		"http to this machine by name":     {"http://LocalHost:8080/as", ""},
		"http to this machine over IPv6":   {"http://[::1]:8080/as", ""},
		"http to another name of it":       {"http://127.0.0.2/as", "is http, want https: only 127.0.0.1, localhost and [::1] may be reached without"},
		"http to the world":                {"http://auth.example.com/as", "is http, want https: only 127.0.0.1, localhost and [::1] may be reached without"},
		"http to what looks like it":       {"http://localhost.example.com/as", "is http, want https: only 127.0.0.1, localhost and [::1] may be reached without"},
		"another scheme":                   {"ftp://auth.example.com/as", "is neither http nor https, want https"},
		"no scheme":                        {"auth.example.com/as", "has no https:// before its host, want one such as https://auth.example.com/as"},
		"no scheme, and a port":            {"auth.example.com:8443/as", "has no https:// before its host, want one such as https://auth.example.com/as"},
		"a scheme without its slashes":     {"https:auth.example.com/as", "has no https:// before its host, want one such as https://auth.example.com/as"},
		"a port too high":                  {"https://auth.example.com:65536/as", "has a port that is none, want one from 1 to 65535"},
		"behind a proxy that adds to it":   {"https://example.com/login/as", ""},
		"no path":                          {"https://auth.example.com", "does not end in /as, want one such as https://auth.example.com/as: the endpoints of a flow are below it, such as /as/authorize"},
		"only a slash":                     {"https://auth.example.com/", "does not end in /as, want one such as https://auth.example.com/as: the endpoints of a flow are below it, such as /as/authorize"},
		"only the environment":             {"https://auth.pingone.eu/" + environmentID, "does not end in /as, want one such as https://auth.example.com/as: the endpoints of a flow are below it, such as /as/authorize"},
		"another endpoint":                 {"https://auth.example.com/as/token", "does not end in /as, want one such as https://auth.example.com/as: the endpoints of a flow are below it, such as /as/authorize"},
		"the address of discovery":         {"https://auth.example.com/as/.well-known/openid-configuration", "does not end in /as, want one such as https://auth.example.com/as: the endpoints of a flow are below it, such as /as/authorize"},
		"the environment twice":            {"https://auth.example.com/" + environmentID + "/" + environmentID + "/as", "holds an environment id twice, want it once"},
		"PingOne without the environment":  {"https://auth.pingone.eu/as", "is on a domain of PingOne, want the environment's id and nothing else before /as, as in https://auth.pingone.eu/ENVIRONMENT-ID/as: or remove it and give region and environmentId"},
		"PingOne and more before the id":   {"https://auth.pingone.com/x/" + environmentID + "/as", "is on a domain of PingOne, want the environment's id and nothing else before /as, as in https://auth.pingone.com/ENVIRONMENT-ID/as: or remove it and give region and environmentId"},
		"two slashes in its path":          {"https://auth.example.com//as", "has an empty part, . or .. in its path, want one such as https://auth.example.com/as"},
		"a way back in its path":           {"https://auth.example.com/x/../as", "has an empty part, . or .. in its path, want one such as https://auth.example.com/as"},
		"no host":                          {"https:///as", "is not a URL, want one such as https://auth.example.com/as"},
		"only a port":                      {"https://:443/as", "is not a URL, want one such as https://auth.example.com/as"},
		"a space":                          {"https://auth.example.com/a s", "holds a space, want one such as https://auth.example.com/as"},
		"a space before it":                {" https://auth.example.com/as", "holds a space, want one such as https://auth.example.com/as"},
		"a space after it":                 {"https://auth.example.com/as ", "holds a space, want one such as https://auth.example.com/as"},
		"what cannot be parsed":            {"https://auth.example.com/%zz", "is not a URL, want one such as https://auth.example.com/as"},
		"a user and a password":            {"https://hunter1:hunter2@auth.example.com/as", "holds a user name, want none: remove what is before the @"},
		"a query":                          {"https://auth.example.com/as?hunter2", "holds a query, want none: remove it from the ? on"},
		"an empty query":                   {"https://auth.example.com/as?", "holds a query, want none: remove it from the ? on"},
		"a fragment":                       {"https://auth.example.com/as#hunter2", "holds a fragment, want none: remove it from the # on"},
		"an empty fragment":                {"https://auth.example.com/as#", "holds a fragment, want none: remove it from the # on"},
		"the endpoint instead of its base": {"https://auth.example.com/as/authorize/", "ends in /authorize, want the base before it, such as https://auth.example.com/as"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var inFile, inVariable, inReference []string
			if tc.want != "" {
				quoted := ""
				if !strings.ContainsAny(tc.base, "@?#%") { // a password or a query hides there
					quoted = strconv.Quote(tc.base) + " "
				}
				inFile = []string{"flowtest.yaml:6:14: targets.staging.baseUrl " + quoted + tc.want}
				inReference = []string{"flowtest.yaml:6:14: targets.staging.baseUrl \"${BASE}\" " + tc.want}
				inVariable = []string{"FLOWTEST_BASE_URL " + tc.want}
			}
			_, err := load(live+"    baseUrl: '"+tc.base+"'\n", nil)
			assert.Equal(t, inFile, mistakes(t, err))

			_, err = choose(t, live+"    baseUrl: ${BASE}\n", "", map[string]string{"BASE": tc.base})
			assert.Equal(t, inReference, mistakes(t, err))

			_, err = choose(t, live, "", map[string]string{"FLOWTEST_BASE_URL": tc.base})
			assert.Equal(t, inVariable, mistakes(t, err))
			if err != nil {
				assert.NotContains(t, err.Error(), "hunter")
			}
		})
	}
}

// An id that is not asked would let a person believe in another environment than
// the one that a run goes to.
func TestTheEnvironmentsIDBesideABaseURL(t *testing.T) {
	const header = "targets:\n  staging:\n    type: live\n    clientId: app\n"
	const another = "is another one than that in baseUrl, want the same: remove environmentId, which baseUrl holds already"
	base := func(id string) string { return "https://auth.pingone.eu/" + id + "/as" }
	tests := map[string]struct {
		base, id string // of the file, "" for none
		env      map[string]string
		want     string // the id
		wrong    string
	}{
		"only in the base":                {base: base(otherID), want: otherID},
		"the same in other letters":       {base: base("aaaaaaaa-2222-3333-4444-555555555555"), id: "AAAAAAAA-2222-3333-4444-555555555555", want: "AAAAAAAA-2222-3333-4444-555555555555"},
		"another one":                     {base: base(otherID), id: environmentID, wrong: `flowtest.yaml:6:20: targets.staging.environmentId "` + environmentID + `" ` + another},
		"another one by a reference":      {base: base(otherID), id: "${ID}", env: map[string]string{"ID": environmentID}, wrong: `flowtest.yaml:6:20: targets.staging.environmentId "${ID}" ` + another},
		"another one by the variable":     {base: base(otherID), env: map[string]string{"FLOWTEST_ENVIRONMENT_ID": environmentID}, wrong: "FLOWTEST_ENVIRONMENT_ID " + another},
		"the variable's base over the id": {base: base(environmentID), id: environmentID, env: map[string]string{"FLOWTEST_BASE_URL": base(otherID)}, want: otherID},
		"both variables":                  {env: map[string]string{"FLOWTEST_BASE_URL": base(otherID), "FLOWTEST_ENVIRONMENT_ID": environmentID}, wrong: "FLOWTEST_ENVIRONMENT_ID " + another},
		"the worker app's beside it":      {base: base(otherID), env: map[string]string{"PINGONE_ENVIRONMENT_ID": environmentID}, want: otherID},
		"a domain that holds none":        {base: "https://auth.example.com/as", id: environmentID, want: environmentID},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			text := header
			if tc.base != "" {
				text += "    baseUrl: '" + tc.base + "'\n"
			}
			if tc.id != "" {
				text += "    environmentId: '" + tc.id + "'\n"
			}
			f, err := load(text, tc.env)
			var got *target.Target
			if err == nil {
				got, err = f.Choose("")
			}
			if tc.wrong != "" {
				assert.Equal(t, []string{tc.wrong}, mistakes(t, err))
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tc.want, got.Live.EnvironmentID)
		})
	}
}

func TestRedirectURI(t *testing.T) {
	tests := map[string]struct{ uri, want string }{
		"a web page":                  {"https://app.example.com/callback?x=y", ""},
		"this machine":                {"http://127.0.0.1:3000/callback", ""},
		"a mobile app":                {"com.example.app://callback", ""},
		"a mobile app without a host": {"com.example.app:/callback", ""},
		"a path":                      {"/callback", "is not an absolute URI, want one such as https://app.example.com/callback"},
		"a space":                     {"https://app.example.com/call back", "is not an absolute URI, want one such as https://app.example.com/callback"},
		"what cannot be parsed":       {"https://app.example.com:port/", "is not an absolute URI, want one such as https://app.example.com/callback"},
		"a fragment":                  {"https://app.example.com/#/callback", "holds a fragment, want none: remove it from the # on"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var inFile, inVariable []string
			if tc.want != "" {
				inFile = []string{"flowtest.yaml:6:18: targets.staging.redirectUri " + tc.want}
				inVariable = []string{"FLOWTEST_REDIRECT_URI " + tc.want}
			}
			_, err := load(live+"    redirectUri: '"+tc.uri+"'\n", nil)
			assert.Equal(t, inFile, mistakes(t, err))

			_, err = choose(t, live+"    region: EU\n", "", map[string]string{"FLOWTEST_REDIRECT_URI": tc.uri})
			assert.Equal(t, inVariable, mistakes(t, err))
		})
	}
}

func TestRegions(t *testing.T) {
	tests := map[string]string{
		"NA": "https://auth.pingone.com",
		"EU": "https://auth.pingone.eu",
		"CA": "https://auth.pingone.ca",
		"AP": "https://auth.pingone.asia",
		"AU": "https://auth.pingone.com.au",
		"SG": "https://auth.pingone.sg",
		"eu": "https://auth.pingone.eu",
		"Au": "https://auth.pingone.com.au",
	}
	for region, base := range tests {
		t.Run(region, func(t *testing.T) {
			got, err := choose(t, live+"    discovery: true\n    region: "+region+"\n", "", nil)
			require.NoError(t, err)
			assert.Equal(t, base+"/"+environmentID+"/as/authorize", got.Live.Authorize)
			assert.Equal(t, base+"/"+environmentID+"/as", got.Live.Issuer)
		})
	}
}

// No request goes to a host that the target does not name, or without TLS.
func TestReach(t *testing.T) {
	live := &target.Live{Authorize: "https://auth.example.com/as/authorize", Hosts: []string{"idp.example.com", "x.example.com:8443"}}
	local := &target.Live{Authorize: "http://127.0.0.1:8910/as/authorize"}
	for to, want := range map[string]string{
		"https://auth.example.com/a?b=c":      "",
		"https://AUTH.example.com:443/a":      "",
		"https://idp.example.com/a":           "",
		"https://x.example.com:8443/a":        "",
		"https://x.example.com/a":             "https://x.example.com/a is on another host than auth.example.com, want one that the target lists below hosts",
		"https://auth.example.com:8443/a":     "https://auth.example.com:8443/a is on another host than auth.example.com, want one that the target lists below hosts",
		"https://auth.example.com.evil.net/a": "https://auth.example.com.evil.net/a is on another host than auth.example.com, want one that the target lists below hosts",
		"https://127.0.0.1/a":                 "https://127.0.0.1/a is on another host than auth.example.com, want one that the target lists below hosts",
		"http://auth.example.com/a?b=secret":  "http://auth.example.com/a is not https, and only 127.0.0.1, localhost and [::1] may be reached without",
		"ftp://auth.example.com/a":            "ftp://auth.example.com/a is not https, and only 127.0.0.1, localhost and [::1] may be reached without",
	} {
		u, err := url.Parse(to)
		require.NoError(t, err)
		if err := live.Reach(u); want == "" {
			require.NoError(t, err, to)
		} else {
			require.EqualError(t, err, want)
		}
	}
	for to, ok := range map[string]bool{
		"http://127.0.0.1:8910/a": true, "http://localhost:1/a": true, "http://127.0.0.2:8910/a": false, "https://auth.example.com/a": false,
	} {
		u, err := url.Parse(to)
		require.NoError(t, err)
		assert.Equal(t, ok, local.Reach(u) == nil, to)
	}
}
