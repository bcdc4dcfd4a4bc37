@mfa @users
Feature: Devices of a new user
  A user who is new in each run confirms the sign-on with a device of their own.

  @smoke
  Scenario: A new user confirms with an authenticator app
    Given a new user with a TOTP device
    And the flow "mfa"
    When I start the flow
    And I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow pauses at "Choose a Device"
    And the user has 1 active "TOTP" device
    When I submit the form with:
      | key    | value             |
      | device | Authenticator app |
    Then the flow pauses at "Authenticator Form"
    When I fill in "otp" with the TOTP code
    And I press "VERIFY"
    Then the flow completes
    And the session cookies are set

  Scenario: A new user confirms with the code of an email
    Given a new user with an email device
    And the flow "mfa"
    When I start the flow
    And I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow pauses at "Choose a Device"
    And the user has 1 active "EMAIL" device
    When I submit the form with:
      | key    | value |
      | device | EMAIL |
    Then the flow pauses at "One-Time Passcode Form"
    When I fill in "otp" with the code from the email
    And I press "VERIFY"
    Then the flow completes

  Scenario: A new user who is disabled is refused
    Given a new user
    And the user is disabled
    And the flow "mfa"
    When I start the flow
    And I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow reports "Invalid username and/or password"
    And the user's "enabled" is false
