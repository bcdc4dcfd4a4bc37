Feature: Sign on

  Background:
    Given the flow "sign-on"
    And the user "alice"
    When I start the flow
    Then the flow pauses at "Sign On Form"

  Scenario: The right password completes the flow
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow completes
    And the session cookies are set

  Scenario: A wrong password is refused, and the right one works then
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | not-the-password |
    Then the response status is 400
    And the flow reports "Invalid username and/or password"
    When I fill in "password" with "${user.password}"
    And I press "SIGNON"
    Then the flow completes
