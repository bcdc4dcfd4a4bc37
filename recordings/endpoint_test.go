package recordings_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/recordings"
)

func TestEndpointOf(t *testing.T) {
	t.Parallel()
	const env = "/5d8b4e2a-6a3b-4c55-9c0e-0b6a1f2e3d4c"
	const get, post = http.MethodGet, http.MethodPost
	for name, test := range map[string]struct {
		method, path string
		want         recordings.Endpoint
	}{
		"authorize":                            {get, env + "/as/authorize", recordings.Authorize},
		"authorize that is posted":             {post, env + "/as/authorize", recordings.Authorize},
		"authorize on a custom domain":         {get, "/as/authorize", recordings.Authorize},
		"authorize below a path of its own":    {get, "/ping" + env + "/as/authorize", recordings.Authorize},
		"authorize in small letters":           {"get", env + "/as/authorize", recordings.Authorize},
		"a preflight":                          {http.MethodOptions, env + "/as/authorize", recordings.NoEndpoint},
		"authorize with a slash behind":        {get, env + "/as/authorize/", recordings.NoEndpoint},
		"authorize of somebody else":           {get, "/oauth/authorize", recordings.NoEndpoint},
		"authorize as a part of a name":        {get, env + "/was/authorize", recordings.NoEndpoint},
		"DaVinci's own authorize":              {get, env + "/davinci/authorize", recordings.NoEndpoint},
		"pushed parameters":                    {post, env + "/as/par", recordings.Pushed},
		"pushed parameters on a custom domain": {post, "/as/par", recordings.Pushed},
		"a GET of pushed parameters":           {get, env + "/as/par", recordings.NoEndpoint},
		"a policy":                             {post, env + "/davinci/policy/5012727d02503c3c246e6a660e020812/start", recordings.PolicyStart},
		"a policy on a custom domain":          {post, "/davinci/policy/5012727d02503c3c246e6a660e020812/start", recordings.PolicyStart},
		"a policy without an id":               {post, env + "/davinci/policy//start", recordings.NoEndpoint},
		"what else a policy has":               {post, env + "/davinci/policy/5012727d02503c3c246e6a660e020812/stop", recordings.NoEndpoint},
		"a capability":                         {post, env + "/davinci/connections/867ed436/capabilities/customHTMLTemplate", recordings.Capability},
		"a capability on a custom domain":      {post, "/davinci/connections/867ed436/capabilities/customForm", recordings.Capability},
		"a browser sent through a capability":  {get, env + "/davinci/connections/867ed436/capabilities/loginFirstFactor", recordings.NoEndpoint},
		"the preflight of a capability":        {http.MethodOptions, env + "/davinci/connections/867ed436/capabilities/customForm", recordings.NoEndpoint},
		"connections alone":                    {post, env + "/davinci/connections", recordings.NoEndpoint},
		"a connection alone":                   {post, env + "/davinci/connections/867ed436", recordings.NoEndpoint},
		"capabilities alone":                   {post, env + "/davinci/connections/867ed436/capabilities", recordings.NoEndpoint},
		"a connection without an id":           {post, env + "/davinci/connections//capabilities/customForm", recordings.NoEndpoint},
		"what is below a capability":           {post, env + "/davinci/connections/867ed436/capabilities/customForm/x", recordings.NoEndpoint},
		"what else a connection has":           {post, env + "/davinci/connections/867ed436/properties/customForm", recordings.NoEndpoint},
		"a challenge":                          {post, env + "/davinci/user/credentials/challenge/abc-1/status", recordings.Challenge},
		"a challenge on a custom domain":       {post, "/davinci/user/credentials/challenge/abc-1/status", recordings.Challenge},
		"a challenge without an id":            {post, env + "/davinci/user/credentials/challenge//status", recordings.NoEndpoint},
		"a status of something else":           {post, env + "/davinci/challenge/abc-1/status", recordings.NoEndpoint},
		"resume":                               {get, env + "/as/resume", recordings.NoEndpoint},
		"resume that is posted":                {post, env + "/as/resume", recordings.NoEndpoint},
		"a token":                              {post, env + "/as/token", recordings.NoEndpoint},
		"discovery":                            {get, env + "/as/.well-known/openid-configuration", recordings.NoEndpoint},
		"a script of the service":              {get, "/davinci/latest/davinci.js", recordings.NoEndpoint},
		"a page of another site":               {get, "/news", recordings.NoEndpoint},
		"the root":                             {get, "/", recordings.NoEndpoint},
		"no path":                              {get, "", recordings.NoEndpoint},
		"no slash before":                      {get, "as/authorize", recordings.NoEndpoint},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, recordings.EndpointOf(test.method, test.path))
		})
	}
}
