@errors
Feature: Failures that end the sign-on
  Other errors are final: nothing that a person can do on the screen helps, and
  the flow has to be started again.

  Rule: A flow can die while a person is at it

    Background:
      Given the flow "errors"
      And the user "alice"
      When I start the flow
      Then the flow pauses at "Choose an Error"

    Scenario Outline: <button> ends with <code>
      When I press "<button>"
      Then the response status is <status>
      And the flow fails with "<code>"

      Examples:
        | button          | status | code                |
        | TIMEOUT         | 400    | requestTimedOut     |
        | EXPIRED         | 401    | 1999                |
        | SESSION_REFUSED | 400    | userDisabled        |
        | FAILED          | 200    | login_required      |
        | SERVER_ERROR    | 500    | UNEXPECTED_ERROR    |
        | UNAVAILABLE     | 503    | notJSON             |
        | NO_CODE         | 200    | noAuthorizeResponse |

    Scenario: The flow takes longer than it may
      When I press "Run into the time limit"
      Then the flow fails with "requestTimedOut"
      And the flow reports "Request timed out. Please try again."

    Scenario: The service answers with a page
      When I press "UNAVAILABLE"
      Then the flow fails with "notJSON"
      And the page shows "Service unavailable"
      And the page shows "Come back in a few minutes."

    Scenario: A flow that looks finished and is not
      When I press "End without a code"
      Then the capability is "createSuccessResponse"
      And "success" is true
      And "interactionToken" is "deprecated"
      And "authorizeResponse" is absent
      And "status" is absent
      And the flow fails with "noAuthorizeResponse"
      And "interactionId" is present
      And "id" is present
      And "companyId" is present
      And "connectionId" is present

  Rule: A flow can fail before its first screen

    @smoke
    Scenario: Without a session a silent sign-on is refused
      Given the flow "errors"
      And the authorize parameters:
        | name   | value |
        | prompt | none  |
      When I start the flow
      Then the response status is 200
      And the flow fails with "login_required"
      And the response has:
        | path       | value          |
        | status     | FAILED         |
        | error.code | login_required |
      And the flow reports "The request could not be completed. There was an issue processing the request"

    Scenario: An expired pushed request leads to the hosted page
      Given the flow "errors"
      And the authorize parameters:
        | name        | value                   |
        | request_uri | urn:example:par:expired |
      When I start the flow
      Then the response status is 302
      And the flow fails with "302"

    Scenario: A parameter that makes no sense
      Given the flow "errors"
      And the authorize parameters:
        | name    | value |
        | max_age | soon  |
      When I start the flow
      Then the response status is 400
      And the flow reports an error with code "INVALID_REQUEST"
      And "details.0.target" is "max_age"
      And "interactionId" is absent
      And the flow reports "The request could not be completed. The parameter max_age is not a number."

    Scenario: PingOne's own sign-on answers where no flow policy is assigned
      Given the flow "errors"
      And the authorize parameters:
        | name   | value |
        | prompt | login |
      When I start the flow
      Then the response status is 200
      And the flow fails with "USERNAME_PASSWORD_REQUIRED"
      And "resumeUrl" matches "/as/resume\?flowId="
      And "id" is present
