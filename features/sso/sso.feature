@sso
Feature: Single sign-on
  A person who has signed on once is not asked again in the same browser, until the session
  ends or an application asks for more.

  Background:
    Given the flow "sso"
    And the user "alice"
    When I start the flow
    And I submit the form with:
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow completes
    And the session cookies are set

  @smoke
  Scenario: The second sign-on needs no form
    Then the session cookies have:
      | httponly | true |
      | secure   | true |
    And the response matches the schema "../schemas/completed.json"
    When I start the flow again
    Then the flow completes
    And "session.id" is unchanged
    And "authorizeResponse.code" has changed
    And the session cookies have:
      | httponly | true |
      | secure   | true |

  Scenario: Another browser is asked
    When I start the flow in a new browser
    Then the flow pauses at "Sign On Form"
    And the form has the fields:
      | key      | type          | label    |
      | username | TEXT          | Username |
      | password | PASSWORD      | Password |
      | SIGNON   | SUBMIT_BUTTON | Sign On  |
    And "form.description" is "Prompt for username and password"
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"

  Scenario: An application signs on silently
    Given the authorize parameters:
      | prompt | none |
    When I start the flow again
    Then the flow completes
    When I exchange the code for tokens
    Then the ID token has:
      | preferred_username | ${user.username} |
    When I exchange the code a second time
    Then the code is refused with "invalid_grant"

  Scenario: A silent sign-on without a session is refused
    Given the authorize parameters:
      | prompt | none |
    When I start the flow in a new browser
    Then the flow fails with "login_required"
    And the flow reports "The request could not be completed. There was an issue processing the request"
    And "status" is present

  Scenario Outline: An application asks for another sign-on
    Given the authorize parameters:
      | <name> | <value> |
    When I start the flow again
    Then the flow pauses at "Sign On Form"

    Examples:
      | name    | value |
      | prompt  | login |
      | max_age | 0     |

  Scenario: Another flow asks for a second factor only
    Given the flow "step-up"
    When I start the flow again
    Then the flow pauses at "One-Time Passcode Form"
    And the form has the fields:
      | key    | type          | label    |
      | otp    | TEXT          | Passcode |
      | VERIFY | SUBMIT_BUTTON | Verify   |
    And "form.description" is "Enter the passcode that was sent to your device"
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
    When I fill in "otp" with "${user.otp}"
    And I press "VERIFY"
    Then the flow completes
    And "session.id" is unchanged
    And the session cookies have:
      | httponly | true |
      | secure   | true |
    And the response matches the schema "../schemas/completed.json"
    When I exchange the code for tokens
    Then the ID token has:
      | preferred_username | ${user.username} |
    When I exchange the code a second time
    Then the code is refused with "invalid_grant"

  Scenario: Without a session the other flow asks for both factors
    Given the flow "step-up"
    When I start the flow in a new browser
    Then the flow pauses at "Sign On Form"
    And the form has the fields:
      | key      | type          | label    |
      | username | TEXT          | Username |
      | password | PASSWORD      | Password |
      | SIGNON   | SUBMIT_BUTTON | Sign On  |
    And "form.description" is "Prompt for username and password"
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
    When I submit the form with:
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow pauses at "One-Time Passcode Form"
    When I submit the form with:
      | otp | 000000 |
    Then the response status is 400
    And the flow reports "Invalid passcode"
    And the flow reports an error with code "Invalid passcode"
    When I submit the form with:
      | otp | ${user.otp} |
    Then the flow completes

  @smoke
  Scenario: After a sign-off the form is back
    When I exchange the code for tokens
    And I sign off
    And I start the flow again
    Then the flow pauses at "Sign On Form"
    When I submit the form with:
      | username | ${user.username} |
      | password | not-the-password |
    Then the response status is 400
    And the flow reports "Invalid username and/or password"
    And the flow reports an error with code "Invalid username and/or password"
