namespace CustomerFunctions.Tests.LeakDesk;

public sealed class SetLeakResponseTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("""{"response":"ignore"}""")]
    [InlineData("""{"response":1}""")]
    public async Task A_wrong_response_is_named(string body)
    {
        var app = await App.Shared;
        (await app.Admin.Send(HttpMethod.Put, $"/api/customers/{(await app.CreateCustomer())["id"]}/leak-response", body, "*")).ShouldBeRefused(400, "invalid-request", "/response");
    }

    [Fact]
    public async Task It_needs_the_version_that_was_read()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}/leak-response";
        var read = await app.Admin.Get(path);
        (await app.Admin.Put(path, new { response = "grace" }, read.ETag)).ShouldBe(200);
        (await app.Admin.Put(path, new { response = "revoke" }, read.ETag)).ShouldBeRefused(412, "stale");
        ((string?)(await app.Admin.Get(path))["response"]).Should().Be("grace");
    }
}
