package steps_test

import "testing"

func TestOutcomes(t *testing.T) { checkAll(t, outcomes) }

var outcomes = map[string]sentence{
	// The flow reports …
	"a message is reported, white space aside": {
		answers: answering(signOnScreen(), says(400, refused)), before: []string{given, starts, signsOn},
		sentence: `Then the flow reports "Invalid username and/or password "`,
	},
	"a message with quotes is reported": {
		answers:  answering(says(400, `{"message":"say \"please\"","interactionId":"i"}`)),
		sentence: `Then the flow reports "say \"please\""`,
	},
	"a message with an attribute of the user is reported": {
		answers:  answering(says(400, `{"message":"alice is locked","interactionId":"i"}`)),
		sentence: `Then the flow reports "${user.username} is locked"`,
	},
	"a message is reported by an error inside": {
		answers:  answering(says(200, `{"status":"FAILED","error":{"code":"login_required","message":"sign on first"}}`)),
		sentence: `Then the flow reports "sign on first"`,
	},
	"another message is reported": {
		answers: answering(signOnScreen(), says(400, refused)), before: []string{given, starts, signsOn},
		sentence: `Then the flow reports "Locked"`,
		want: `the flow reports "Invalid username and/or password", want "Locked" ` +
			`(hop 2, node node000002, form "Sign On Form")`,
	},
	"a part of the message is not the message": {
		answers: answering(says(400, refused)), sentence: `Then the flow reports "Invalid"`,
		want: `the flow reports "Invalid username and/or password", want "Invalid" (hop 1, node node000002)`,
	},
	"a screen reports no message": {
		answers: answering(signOnScreen()), sentence: `Then the flow reports "Locked"`,
		want: `the flow pauses at "Sign On Form" and reports no message, want "Locked" ` +
			`(hop 1, node node000001, form "Sign On Form")`,
	},
	"a message that should hold what is not set": {
		answers: answering(signOnScreen()), sentence: `Then the flow reports "${env.NOT_SET}"`,
		want: `${env.NOT_SET}: the environment variable NOT_SET is not set`,
	},

	// The flow reports an error with code …
	"a code that is text": {
		answers:  answering(says(400, refused)),
		sentence: `Then the flow reports an error with code "invalidValue"`,
	},
	"a code that is a number": {
		answers: answering(says(401, expired)), sentence: `Then the flow reports an error with code "1999"`,
	},
	"a code inside of error": {
		answers:  answering(says(200, `{"error":{"code":"login_required"}}`)),
		sentence: `Then the flow reports an error with code "login_required"`,
	},
	"another code": {
		answers: answering(says(400, refused)), sentence: `Then the flow reports an error with code "1999"`,
		want: `the flow reports an error with code "invalidValue", want "1999" (hop 1, node node000002)`,
	},
	"no code": {
		answers:  answering(says(400, `{"message":"no","interactionId":"i"}`)),
		sentence: `Then the flow reports an error with code "1999"`,
		want:     `the flow reports an error with code "", want "1999" (hop 1)`,
	},
	"a code of what is no error": {
		answers: answering(says(200, done)), sentence: `Then the flow reports an error with code "1999"`,
		want: `the flow completed, want an error with code "1999" (hop 1, node node000009)`,
	},

	// The response status is …
	"the status": {answers: answering(signOnScreen()), sentence: `Then the response status is 200`},
	"another status of a screen": {
		answers: answering(signOnScreen()), sentence: `Then the response status is 400`,
		want: `the response status is 200, want 400: the flow pauses at "Sign On Form" ` +
			`(hop 1, node node000001, form "Sign On Form")`,
	},
	"another status of a refusal": {
		answers: answering(signOnScreen(), says(400, refused)), before: []string{given, starts, signsOn},
		sentence: `Then the response status is 200`,
		want: `the response status is 400, want 200: the flow refused this with status 400 and reports ` +
			`"Invalid username and/or password" (hop 2, node node000002, form "Sign On Form")`,
	},
	"another status of a refusal without a word": {
		answers: answering(says(403, `{}`)), sentence: `Then the response status is 200`,
		want: `the response status is 403, want 200: the flow refused this with status 403 (hop 1)`,
	},

	// The flow completes
	"the flow completes": {answers: answering(says(200, done)), sentence: `Then the flow completes`},
	"a screen is not an end": {
		answers: answering(signOnScreen()), sentence: `Then the flow completes`,
		want: `the flow pauses at "Sign On Form", want it to complete (hop 1, node node000001, form "Sign On Form")`,
	},
	"a refusal is not an end": {
		answers: answering(signOnScreen(), says(400, refused)), before: []string{given, starts, signsOn},
		sentence: `Then the flow completes`,
		want: `the flow refused this with status 400 and reports "Invalid username and/or password", ` +
			`want it to complete (hop 2, node node000002, form "Sign On Form")`,
	},
	"a wait is not an end": {
		answers: answering(signOnScreen(), says(200, rewound)), before: []string{given, starts, signsOn},
		sentence: `Then the flow completes`,
		want: `the flow waits at "Sign On Form", want it to complete ` +
			`(hop 2, node node000003, form "Sign On Form")`,
	},
	"a failure does not count as an end": {
		answers: answering(signOnScreen(), says(400, timedOut)), before: []string{given, starts, signsOn},
		sentence: `Then the flow completes`,
		want: `the flow failed with "requestTimedOut": Request timed out. (often a branch of the flow that leads nowhere) ` +
			`[flow], want it to complete (hop 2, node node000004)`,
	},
	"a failure without a word does not count as an end": {
		answers: answering(says(500, `{}`)), sentence: `Then the flow completes`,
		want: `the flow failed with "500" [flow], want it to complete (hop 1)`,
	},
	"a rate limit does not count as an end": {
		answers: answering(says(429, `{}`)), sentence: `Then the flow completes`,
		want: `the flow failed with "429": the service asks to come back later and names no time (Retry-After) ` +
			`[rate limit], want it to complete (hop 1)`,
	},
	"a service that is down does not count as an end": {
		answers:  answering(says(503, `<title>Down</title>`)),
		sentence: `Then the flow completes`,
		want: `the flow failed with "notJSON": the service is in trouble and answers with a page titled "Down" ` +
			`[network], want it to complete (hop 1)`,
	},
	"PingOne's own sign-on does not count as an end": {
		answers:  answering(says(200, `{"status":"USERNAME_PASSWORD_REQUIRED","resumeUrl":"https://x.test"}`)),
		sentence: `Then the flow completes`,
		want: `the flow failed with "USERNAME_PASSWORD_REQUIRED": PingOne's own sign-on answers: ` +
			`no DaVinci flow policy is assigned to the application [tenant set-up], want it to complete (hop 1)`,
	},

	// The flow waits
	"the flow waits": {
		answers: answering(signOnScreen(), says(200, rewound)), before: []string{given, starts, signsOn},
		sentence: `Then the flow waits`,
	},
	"a flow that moved on does not wait": {
		answers: answering(signOnScreen(), says(200, done)), before: []string{given, starts, signsOn},
		sentence: `Then the flow waits`,
		want:     `the flow completed, want it to wait on (hop 2, node node000009)`,
	},
	"a new screen is not a wait": {
		answers: answering(signOnScreen()), sentence: `Then the flow waits`,
		want: `the flow pauses at "Sign On Form", want it to wait on (hop 1, node node000001, form "Sign On Form")`,
	},

	// The flow fails with …
	"the flow fails with a code": {
		answers: answering(says(400, timedOut)), sentence: `Then the flow fails with "requestTimedOut"`,
	},
	"the flow fails with a code that is a number": {
		answers: answering(says(401, expired)), sentence: `Then the flow fails with "1999"`,
	},
	"the flow fails with a status": {
		answers: answering(says(500, `{}`)), sentence: `Then the flow fails with "500"`,
	},
	"the flow fails with a page": {
		answers: answering(says(200, `<p>Hello</p>`)), sentence: `Then the flow fails with "notJSON"`,
	},
	"the flow fails for want of an end": {
		answers: answering(says(200, `{}`)), sentence: `Then the flow fails with "noAuthorizeResponse"`,
	},
	"the flow fails with another code": {
		answers: answering(says(401, expired)), sentence: `Then the flow fails with "requestTimedOut"`,
		want: `the flow failed with "1999": Unauthorized! (the interaction is unknown, has expired, ` +
			`or its handles are missing) [flow], want "requestTimedOut" (hop 1)`,
	},
	"a refusal is not a failure": {
		answers: answering(signOnScreen(), says(400, refused)), before: []string{given, starts, signsOn},
		sentence: `Then the flow fails with "invalidValue"`,
		want: `the flow refused this with status 400 and reports "Invalid username and/or password", ` +
			`want it to fail with "invalidValue" (hop 2, node node000002, form "Sign On Form")`,
	},

	// The session cookies are set
	"both session cookies": {
		answers:  answering(says(200, done, "ST=a; Path=/; Secure", "ST-NO-SS=b; Path=/")),
		sentence: `Then the session cookies are set`,
	},
	"session cookies with an attribute": {
		answers:  answering(says(200, done, "ST=a; HttpOnly; Secure", "ST-NO-SS=b; HttpOnly; Secure")),
		sentence: "Then the session cookies have:\n| httponly | true |\n| secure | true |",
	},
	"a session cookie without an attribute": {
		answers:  answering(says(200, done, "ST=a; HttpOnly; Secure", "ST-NO-SS=b; Secure")),
		sentence: "Then the session cookies have:\n| httponly | true |",
		want:     `the cookie "ST-NO-SS" differs from the table: httponly is "false", want "true" (hop 1, node node000009)`,
	},
	"an attribute that no cookie has": {
		answers:  answering(says(200, done, "ST=a; HttpOnly", "ST-NO-SS=b; HttpOnly")),
		sentence: "Then the session cookies have:\n| htponly | true |",
		want: `a cookie has no attribute "htponly", want value, domain, path, expires, max-age, samesite, secure, ` +
			`httponly or partitioned; did you mean "httponly"?`,
	},
	"attributes of a session cookie that is not set": {
		answers:  answering(says(200, done, "ST=a; HttpOnly")),
		sentence: "Then the session cookies have:\n| httponly | true |",
		want:     `the response sets ST, want ST-NO-SS too (hop 1, node node000009)`,
	},
	"no cookie at all": {
		answers: answering(says(200, done)), sentence: `Then the session cookies are set`,
		want: `the response sets no cookie, want ST and ST-NO-SS too (hop 1, node node000009)`,
	},
	"one session cookie": {
		answers:  answering(says(200, done, "interactionId=i-1", "ST=a; Path=/")),
		sentence: `Then the session cookies are set`,
		want:     `the response sets ST, interactionId, want ST-NO-SS too (hop 1, node node000009)`,
	},
	"the cookies of another hop": {
		answers: answering(says(200, form(signOn), "ST=a", "ST-NO-SS=b"), says(200, done, "other=1")),
		before:  []string{given, starts, signsOn}, sentence: `Then the session cookies are set`,
		want: `the response sets other, want ST and ST-NO-SS too (hop 2, node node000009)`,
	},
	"session cookies that are emptied": {
		answers:  answering(says(200, done, "ST=; Path=/", "ST-NO-SS=; Path=/")),
		sentence: `Then the session cookies are set`,
		want:     `the response sets no cookie, want ST and ST-NO-SS too (hop 1, node node000009)`,
	},
	"session cookies that are taken away": {
		answers:  answering(says(200, done, "ST=gone; Max-Age=0", "ST-NO-SS=b")),
		sentence: `Then the session cookies are set`,
		want:     `the response sets ST-NO-SS, want ST too (hop 1, node node000009)`,
	},
}
