using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http;

namespace CustomerFunctions.Tests.Edge;

public sealed class PreconditionsTests
{
    [Theory]
    [InlineData("\"one\"", null)]
    [InlineData("*", null)]
    [InlineData("\"zero\", \"one\"", null)]
    [InlineData("\"two\"", 412)]
    [InlineData("W/\"one\"", 412)]
    [InlineData("\"zero\", \"two\"", 412)]
    [InlineData("\"ONE\"", 412)]
    [InlineData("one", 400)]
    [InlineData("\"one", 400)]
    [InlineData("", 400)]
    [InlineData(null, 428)]
    public void A_change_is_let_through_only_when_it_names_the_current_etag(string? ifMatch, int? refusal)
    {
        var request = new DefaultHttpContext().Request;
        if (ifMatch is not null) { request.Headers.IfMatch = ifMatch; }

        Preconditions.Check(request, "\"one\"")?.StatusCode.Should().Be(refusal);
        (Preconditions.Check(request, "\"one\"") is null).Should().Be(refusal is null);
    }

    [Fact]
    public void Several_header_lines_are_one_list()
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.IfMatch = new(["\"zero\"", "\"one\""]);
        Preconditions.Check(request, "\"one\"").Should().BeNull();
    }
}
