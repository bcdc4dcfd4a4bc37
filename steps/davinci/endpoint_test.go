package davinci_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/davinci"
)

func TestAnAddressIsTheSameInAnyCaseAndWithItsDefaultPort(t *testing.T) {
	t.Parallel()
	const id = "5d8b4e2a-6a3b-4c55-9c0e-0b6a1f2e3d4c"
	for name, test := range map[string]struct {
		a, b       string
		host, path bool
	}{
		"equal":               {"https://auth.example.test/x", "https://auth.example.test/x", true, true},
		"a host in capitals":  {"https://AUTH.example.test/", "https://auth.Example.test/", true, true},
		"the default port":    {"https://auth.example.test:443/", "HTTPS://auth.example.test/", true, true},
		"that of http":        {"http://auth.example.test/", "http://auth.example.test:80/", true, true},
		"another port":        {"https://auth.example.test:8443/", "https://auth.example.test/", false, true},
		"another host":        {"https://auth.example.test/", "https://evil.example.test/", false, true},
		"an environment id":   {"https://a/" + id + "/as", "https://a/" + strings.ToUpper(id) + "/as", true, true},
		"a name in capitals":  {"https://a/" + id + "/as", "https://a/" + id + "/AS", true, false},
		"another environment": {"https://a/" + id, "https://a/" + strings.Replace(id, "5", "6", 1), true, false},
	} {
		a, err := url.Parse(test.a)
		require.NoError(t, err)
		b, err := url.Parse(test.b)
		require.NoError(t, err)
		assert.Equal(t, test.host, davinci.SameHost(a, b), name)
		assert.Equal(t, test.path, davinci.SamePath(a.Path, b.Path), name)
	}
}

func TestEndpointOf(t *testing.T) {
	t.Parallel()
	const env = "/5d8b4e2a-6a3b-4c55-9c0e-0b6a1f2e3d4c"
	const get, post = http.MethodGet, http.MethodPost
	for name, test := range map[string]struct {
		method, path string
		want         davinci.Endpoint
	}{
		"authorize":                            {get, env + "/as/authorize", davinci.Authorize},
		"authorize that is posted":             {post, env + "/as/authorize", davinci.Authorize},
		"authorize on a custom domain":         {get, "/as/authorize", davinci.Authorize},
		"authorize below a path of its own":    {get, "/ping" + env + "/as/authorize", davinci.Authorize},
		"authorize in small letters":           {"get", env + "/as/authorize", davinci.Authorize},
		"a preflight":                          {http.MethodOptions, env + "/as/authorize", davinci.NoEndpoint},
		"authorize with a slash after":         {get, env + "/as/authorize/", davinci.NoEndpoint},
		"authorize of another program":         {get, "/oauth/authorize", davinci.NoEndpoint},
		"authorize as a part of a name":        {get, env + "/was/authorize", davinci.NoEndpoint},
		"DaVinci's own authorize":              {get, env + "/davinci/authorize", davinci.NoEndpoint},
		"pushed parameters":                    {post, env + "/as/par", davinci.Pushed},
		"pushed parameters on a custom domain": {post, "/as/par", davinci.Pushed},
		"a GET of pushed parameters":           {get, env + "/as/par", davinci.NoEndpoint},
		"a policy":                             {post, env + "/davinci/policy/5012727d02503c3c246e6a660e020812/start", davinci.PolicyStart},
		"a policy on a custom domain":          {post, "/davinci/policy/5012727d02503c3c246e6a660e020812/start", davinci.PolicyStart},
		"a policy without an id":               {post, env + "/davinci/policy//start", davinci.NoEndpoint},
		"what else a policy has":               {post, env + "/davinci/policy/5012727d02503c3c246e6a660e020812/stop", davinci.NoEndpoint},
		"a capability":                         {post, env + "/davinci/connections/867ed436/capabilities/customHTMLTemplate", davinci.Capability},
		"a capability on a custom domain":      {post, "/davinci/connections/867ed436/capabilities/customForm", davinci.Capability},
		"a browser sent through a capability":  {get, env + "/davinci/connections/867ed436/capabilities/loginFirstFactor", davinci.NoEndpoint},
		"the preflight of a capability":        {http.MethodOptions, env + "/davinci/connections/867ed436/capabilities/customForm", davinci.NoEndpoint},
		"only connections":                     {post, env + "/davinci/connections", davinci.NoEndpoint},
		"only a connection":                    {post, env + "/davinci/connections/867ed436", davinci.NoEndpoint},
		"only capabilities":                    {post, env + "/davinci/connections/867ed436/capabilities", davinci.NoEndpoint},
		"a connection without an id":           {post, env + "/davinci/connections//capabilities/customForm", davinci.NoEndpoint},
		"what is below a capability":           {post, env + "/davinci/connections/867ed436/capabilities/customForm/x", davinci.NoEndpoint},
		"what else a connection has":           {post, env + "/davinci/connections/867ed436/properties/customForm", davinci.NoEndpoint},
		"a challenge":                          {post, env + "/davinci/user/credentials/challenge/abc-1/status", davinci.Challenge},
		"a challenge on a custom domain":       {post, "/davinci/user/credentials/challenge/abc-1/status", davinci.Challenge},
		"a challenge without an id":            {post, env + "/davinci/user/credentials/challenge//status", davinci.NoEndpoint},
		"a status of something else":           {post, env + "/davinci/challenge/abc-1/status", davinci.NoEndpoint},
		"resume":                               {get, env + "/as/resume", davinci.NoEndpoint},
		"resume that is posted":                {post, env + "/as/resume", davinci.NoEndpoint},
		"a token":                              {post, env + "/as/token", davinci.NoEndpoint},
		"discovery":                            {get, env + "/as/.well-known/openid-configuration", davinci.NoEndpoint},
		"a script of the service":              {get, "/davinci/latest/davinci.js", davinci.NoEndpoint},
		"a page of another site":               {get, "/news", davinci.NoEndpoint},
		"the root":                             {get, "/", davinci.NoEndpoint},
		"no path":                              {get, "", davinci.NoEndpoint},
		"no slash before":                      {get, "as/authorize", davinci.NoEndpoint},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, davinci.EndpointOf(test.method, test.path))
		})
	}
}
