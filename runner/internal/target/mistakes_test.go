package target_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// live is a live target that is right, to which tests add a wrong line.
const live = `targets:
  staging:
    type: live
    clientId: app
    environmentId: 0f9e8d7c-6b5a-4938-8271-60f5e4d3c2b1
`

func TestMistakesInTheFile(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"the file is not a mapping": {
			text: "- replay\n",
			want: []string{`flowtest.yaml:1:1: the file is a list, want a mapping`},
		},
		"the file is a text": {
			text: "replay\n",
			want: []string{`flowtest.yaml:1:1: the file is text, want a mapping`},
		},
		"an unknown key that is nearly a known one": {
			text: "featurs: x\n",
			want: []string{`flowtest.yaml:1:1: the file has the unknown key "featurs", ` +
				`want one of target, features, recordings, run, scrub, unique, targets: did you mean "features"?`},
		},
		"a section run with mistakes": {
			text: "run:\n  retries: -1\n  rate: 0\n  timeout: soon\n  tag: x\n  report: \"\"\n  format: [a]\n",
			want: []string{
				`flowtest.yaml:2:12: run.retries is -1, want 0 or more`,
				`flowtest.yaml:3:9: run.rate is 0, want more than 0 requests a second`,
				`flowtest.yaml:4:12: run.timeout is soon, want a time above 0, as in 2m`,
				`flowtest.yaml:5:3: run has the unknown key "tag", want one of tags, retries, rate, timeout, report, format: did you mean "tags"?`,
				`flowtest.yaml:6:11: run.report is empty, want a name: give it a value or remove the key`,
				`flowtest.yaml:7:11: run.format is a list, want text`,
			},
		},
		"an unknown key that is near to nothing": {
			text: "zebra: x\n",
			want: []string{`flowtest.yaml:1:1: the file has the unknown key "zebra", ` +
				`want one of target, features, recordings, run, scrub, unique, targets`},
		},
		"an unknown key of a live target, in another spelling": {
			text: live + "    base_url: https://auth.example.com/as\n",
			want: []string{`flowtest.yaml:6:5: targets.staging has the unknown key "base_url", want one of type, ` +
				`region, baseUrl, environmentId, clientId, clientSecret, clientAuth, redirectUri, scopes, platform, origin, par, discovery, hosts, ca, flows, ` +
				`users, worker, population, mail, sms, readOnly: did you mean "baseUrl"?`},
		},
		"an unknown key of a replay target": {
			text: "targets: {demo: {type: replay, user: {}}}\n",
			want: []string{`flowtest.yaml:1:32: targets.demo has the unknown key "user", want one of type, platform, origin, par, users: ` +
				`did you mean "users"?`},
		},
		"a key of live targets in a replay target": {
			text: "targets:\n  demo:\n    region: EU\n    type: replay\n",
			want: []string{`flowtest.yaml:3:5: targets.demo.region is a setting of live targets, ` +
				`want type, platform, origin, par or users for a replay: remove it, or say type: live`},
		},
		"a key given twice": {
			text: "features: a\nrecordings: b\nfeatures: c\n",
			want: []string{`flowtest.yaml:3:1: features is given twice, first at 1:1, want it once: remove one`},
		},
		"a user's attribute given twice": {
			text: "targets: {demo: {type: replay, users: {jo.doe: {otp: 'a', otp: 'b'}}}}\n",
			want: []string{`flowtest.yaml:1:59: targets.demo.users."jo.doe".otp is given twice, first at 1:49, ` +
				`want it once: remove one`},
		},
		"no type": {
			text: "targets:\n  demo:\n    users: {}\n",
			want: []string{`flowtest.yaml:2:3: targets.demo has no type, want type: replay or type: live`},
		},
		"an unknown type, and the rest is read as well": {
			text: "targets:\n  demo:\n    type: Live\n    clientid: x\n    region: 1\n",
			want: []string{
				`flowtest.yaml:3:11: targets.demo.type is "Live", want replay or live: did you mean "live"?`,
				`flowtest.yaml:4:5: targets.demo has the unknown key "clientid", want one of type, region, baseUrl, ` +
					`environmentId, clientId, clientSecret, clientAuth, redirectUri, scopes, platform, origin, par, discovery, hosts, ca, flows, users, worker, population, mail, sms, readOnly: ` +
					`did you mean "clientId"?`,
				`flowtest.yaml:5:13: targets.demo.region is a number, want text: put it in quotes`,
			},
		},
		"a type that is not text": {
			text: "targets: {demo: {type: true}}\n",
			want: []string{`flowtest.yaml:1:24: targets.demo.type is true or false, want text: put it in quotes`},
		},
		"targets of the wrong type": {
			text: "targets: [a]\n",
			want: []string{`flowtest.yaml:1:10: targets is a list, want a mapping`},
		},
		"a target of the wrong type": {
			text: "targets:\n  demo: replay\n",
			want: []string{`flowtest.yaml:2:9: targets.demo is text, want a mapping`},
		},
		"nothing where a value belongs": {
			text: "features:\ntargets:\n  demo:\n",
			want: []string{
				`flowtest.yaml:1:10: features is nothing, want text: give it a value or remove the key`,
				`flowtest.yaml:3:9: targets.demo is nothing, want a mapping: give it a value or remove the key`,
			},
		},
		"empty settings beside targets": {
			text: "target: ''\nfeatures: ''\nrecordings: ''\n",
			want: []string{
				`flowtest.yaml:1:9: target is empty, want a name: give it a value or remove the key`,
				`flowtest.yaml:2:11: features is empty, want a name: give it a value or remove the key`,
				`flowtest.yaml:3:13: recordings is empty, want a name: give it a value or remove the key`,
			},
		},
		"a default that is not defined": {
			text: "target: stagin\ntargets:\n  replay: {type: replay}\n  staging: {type: live}\n",
			want: []string{`flowtest.yaml:1:9: target "stagin" is not defined, want one of replay, staging: ` +
				`did you mean "staging"?`},
		},
		"a default without any targets": {
			text: "target: staging\n",
			want: []string{`flowtest.yaml:1:9: target "staging" is not defined, want one of replay`},
		},
		"numbers where text belongs": {
			text: "targets: {demo: {type: replay, users: {alice: {otp: 012345, pi: 3.14, x: .inf, y: .nan}}}}\n",
			want: []string{
				`flowtest.yaml:1:53: targets.demo.users.alice.otp is a number, want text: put it in quotes`,
				`flowtest.yaml:1:65: targets.demo.users.alice.pi is a number, want text: put it in quotes`,
				`flowtest.yaml:1:74: targets.demo.users.alice.x is a number, want text: put it in quotes`,
				`flowtest.yaml:1:83: targets.demo.users.alice.y is a number, want text: put it in quotes`,
			},
		},
		"users of the wrong type": {
			text: "targets: {a: {type: replay, users: [alice]}, b: {type: replay, users: {alice: x}}}\n",
			want: []string{
				`flowtest.yaml:1:36: targets.a.users is a list, want a mapping`,
				`flowtest.yaml:1:79: targets.b.users.alice is text, want a mapping`,
			},
		},
		"scopes as one text": {
			text: live + "    scopes: openid profile\n",
			want: []string{`flowtest.yaml:6:13: targets.staging.scopes is text, want a list: put it in square brackets`},
		},
		"scopes without any": {
			text: live + "    scopes: []\n",
			want: []string{`flowtest.yaml:6:13: targets.staging.scopes is empty, want at least one entry: ` +
				`write one or remove the key`},
		},
		"wrong scopes": {
			text: live + "    scopes: [openid profile, '', 1]\n",
			want: []string{
				`flowtest.yaml:6:14: targets.staging.scopes[0] "openid profile" holds a space, want one scope: ` +
					`make one entry for each`,
				`flowtest.yaml:6:30: targets.staging.scopes[1] is empty, want a value or no such setting`,
				`flowtest.yaml:6:34: targets.staging.scopes[2] is a number, want text: put it in quotes`,
			},
		},
		"discovery that is no flag": {
			text: live + "    discovery: yes\n",
			want: []string{`flowtest.yaml:6:16: targets.staging.discovery is text, want true or false: write one of them without quotes`},
		},
		"wrong flows": {
			text: live + "    flows: {a: [b]}\n",
			want: []string{`flowtest.yaml:6:16: targets.staging.flows.a is a list, want text`},
		},
		"a clientAuth that does not exist": {
			text: live + "    clientAuth: jwt\n",
			want: []string{`flowtest.yaml:6:17: targets.staging.clientAuth "jwt" is no way in which an app says who it is, ` +
				`want none, basic or post`},
		},
		"a platform that does not exist": {
			text: live + "    platform: iOS\n",
			want: []string{`flowtest.yaml:6:15: targets.staging.platform "iOS" is not a platform, want javascript, android or ios`},
		},
		"origins that no page with passkeys has": {
			text: "targets:\n  a: {type: replay, origin: http://app.example.com}\n  b: {type: replay, origin: https://app.example.com/}\n" +
				"  c: {type: replay, origin: app.example.com}\n  d: {type: replay, origin: 'http://localhost:3000'}\n" +
				"  e: {type: replay, origin: 'android:apk-key-hash:aGFzaA'}\n  f: {type: replay, origin: https://app.example.com}\n",
			want: []string{
				`flowtest.yaml:2:29: targets.a.origin is not https, and only localhost has passkeys without: want one such as https://app.example.com`,
				`flowtest.yaml:3:29: targets.b.origin has more than scheme, host and port: want one such as https://app.example.com`,
				`flowtest.yaml:4:29: targets.c.origin is not an origin, want one such as https://app.example.com`,
			},
		},
		"a region that does not exist": {
			text: live + "    region: US\n",
			want: []string{`flowtest.yaml:6:13: targets.staging.region "US" is not a region, ` +
				`want one of NA, EU, CA, AP, AU, SG`},
		},
		"region and baseUrl": {
			text: live + "    baseUrl: https://auth.example.com/as\n    region: EU\n",
			want: []string{`flowtest.yaml:7:13: targets.staging has region and baseUrl, want one of them: ` +
				`remove the other`},
		},
		"region and baseUrl the other way round": {
			text: live + "    region: EU\n    baseUrl: ${BASE}\n",
			want: []string{`flowtest.yaml:7:14: targets.staging has region and baseUrl, want one of them: ` +
				`remove the other`},
		},
		"an invalid environment id": {
			text: "targets: {a: {type: live, environmentId: prod}}\n",
			want: []string{`flowtest.yaml:1:42: targets.a.environmentId "prod" is not a UUID, want the ` +
				`environment's id: copy it from the environment's properties in PingOne`},
		},
		"empty settings of a live target": {
			text: "targets: {a: {type: live, clientId: '', clientSecret: '', ca: '', redirectUri: ''}}\n",
			want: []string{
				`flowtest.yaml:1:37: targets.a.clientId is empty, want a value or no such setting`,
				`flowtest.yaml:1:55: targets.a.clientSecret is empty, want a value or no such setting`,
				`flowtest.yaml:1:63: targets.a.ca is empty, want a value or no such setting`,
				`flowtest.yaml:1:80: targets.a.redirectUri is empty, want a value or no such setting`,
			},
		},
		"secrets of a live target in the file": {
			text: live + "    clientSecret: hunter2\n    users:\n      alice: {username: alice, password: hunter2, otp: $${X}}\n",
			want: []string{
				`flowtest.yaml:6:19: targets.staging.clientSecret is written out, want a reference: write it as ` +
					`${NAME} and set the variable, so that the secret is not in the file`,
				`flowtest.yaml:8:42: targets.staging.users.alice.password is written out, want a reference: write it ` +
					`as ${NAME} and set the variable, so that the secret is not in the file`,
				`flowtest.yaml:8:56: targets.staging.users.alice.otp is written out, want a reference: write it as ` +
					`${NAME} and set the variable, so that the secret is not in the file`,
			},
		},
		"references that are none": {
			text: "features: a${B\nrecordings: ${}\ntarget: ${1X}\n",
			want: []string{
				`flowtest.yaml:1:11: features has a ${ without its }, want ${NAME}: write $${ for a plain ${`,
				`flowtest.yaml:2:13: recordings has a ${...} without a variable's name, want letters, digits and _ ` +
					`as in ${NAME}: write $${ for a plain ${`,
				`flowtest.yaml:3:9: target has a ${...} without a variable's name, want letters, digits and _ ` +
					`as in ${NAME}: write $${ for a plain ${`,
			},
		},
		"variables that have no value": {
			text: "features: ${EMPTY}/${UNSET}\n",
			want: []string{
				`flowtest.yaml:1:11: features names the variable EMPTY, which is empty, want a value: set EMPTY`,
				`flowtest.yaml:1:11: features names the variable UNSET, which is not set, want a value: set UNSET`,
			},
		},
		"half a secret in braces is not taken for a key": {
			text: "targets: {a: {type: replay, users: {alice: {password: hunt,er2}}}}\n",
			want: []string{`flowtest.yaml:1:60: targets.a.users.alice has a key without a value, want both: ` +
				`put a text with a comma in quotes`},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := load(tc.text, map[string]string{"EMPTY": ""})
			assert.Equal(t, tc.want, mistakes(t, err))
		})
	}
}
