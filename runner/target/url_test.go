package target_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBaseURL(t *testing.T) {
	tests := map[string]struct{ base, want string }{
		"a custom domain":                  {"https://auth.example.com/as", ""},
		"with the environment in it":       {"https://auth.pingone.eu/" + environmentID + "/as", ""},
		"with a slash behind it":           {"https://auth.example.com/as/", ""},
		"with a port":                      {"https://auth.example.com:8443/as", ""},
		"http to this machine":             {"http://127.0.0.1:8080/as", ""},
		"http to this machine by name":     {"http://LocalHost:8080/as", ""},
		"http to this machine over IPv6":   {"http://[::1]:8080/as", ""},
		"http to another name of it":       {"http://127.0.0.2/as", "is http, want https: only 127.0.0.1, localhost and [::1] may be reached without"},
		"http to the world":                {"http://auth.example.com/as", "is http, want https: only 127.0.0.1, localhost and [::1] may be reached without"},
		"http to what looks like it":       {"http://localhost.example.com/as", "is http, want https: only 127.0.0.1, localhost and [::1] may be reached without"},
		"another scheme":                   {"ftp://auth.example.com/as", "is neither http nor https, want https"},
		"no scheme":                        {"auth.example.com/as", "is not a URL, want one such as https://auth.example.com/as"},
		"no host":                          {"https:///as", "is not a URL, want one such as https://auth.example.com/as"},
		"only a port":                      {"https://:443/as", "is not a URL, want one such as https://auth.example.com/as"},
		"a space":                          {"https://auth.example.com/a s", "is not a URL, want one such as https://auth.example.com/as"},
		"what cannot be parsed":            {"https://auth.example.com/%zz", "is not a URL, want one such as https://auth.example.com/as"},
		"a user and a password":            {"https://hunter1:hunter2@auth.example.com/as", "holds a user name, want none: remove what stands before the @"},
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
				inFile = []string{"flowtest.yaml:6:14: targets.staging.baseUrl " + tc.want}
				inReference = inFile
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
