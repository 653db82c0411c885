using System.Collections.Concurrent;
using LocalAzure.Listeners;

namespace LocalAzure.Tests.Listeners;

public sealed class BoundPortsTests
{
    [Fact]
    public void A_port_is_given_once_however_many_environments_start_at_the_same_time()
    {
        var environments = new ConcurrentBag<BoundPorts>();
        try
        {
            Parallel.For(0, 150, _ => environments.Add(BoundPorts.Bind(first: null)));

            var ports = environments.SelectMany(bound => ServiceNames.All.Select(service => bound[service])).ToList();
            ports.Should().HaveCount(150 * ServiceNames.All.Count).And.OnlyHaveUniqueItems();
        }
        finally
        {
            foreach (var bound in environments) { bound.Dispose(); }
        }
    }
}
