// SPDX-License-Identifier: Apache-2.0
// The bare floor of `virtmem apply`: one connection, one thread, and for each of the domains web-0
// to web-(COUNT - 1) a look-up and the three calls that virtmem makes.
//   writes URI COUNT PERIOD MEMORY HARD_LIMIT       in seconds and KiB
#include <libvirt/libvirt.h>
#include <stdio.h>
#include <stdlib.h>

static int write_domain(
  virDomainPtr domain, int period, unsigned long memory, unsigned long limit
) {
  virTypedParameterPtr parameters = NULL;
  int count = 0, most = 0;
  virTypedParamsAddULLong(&parameters, &count, &most, VIR_DOMAIN_MEMORY_HARD_LIMIT, limit);
  virTypedParamsAddULLong(
    &parameters, &count, &most, VIR_DOMAIN_MEMORY_SWAP_HARD_LIMIT,
    VIR_DOMAIN_MEMORY_PARAM_UNLIMITED);
  int failed =
    virDomainSetMemoryStatsPeriod(domain, period, VIR_DOMAIN_AFFECT_CONFIG) < 0
    || virDomainSetMemoryFlags(
      domain, memory, VIR_DOMAIN_AFFECT_CONFIG | VIR_DOMAIN_MEM_MAXIMUM) < 0
    || virDomainSetMemoryParameters(domain, parameters, count, VIR_DOMAIN_AFFECT_CONFIG) < 0;
  virTypedParamsFree(parameters, count);
  return failed;
}

int main(int argc, char **argv) {
  virConnectPtr connection = argc == 6 ? virConnectOpen(argv[1]) : NULL;
  if (connection == NULL) return 1;
  int failed = 0;
  for (int number = 0; number < atoi(argv[2]); number++) {
    char name[32];
    snprintf(name, sizeof name, "web-%d", number);
    virDomainPtr domain = virDomainLookupByName(connection, name);
    failed |= domain == NULL
      || write_domain(
        domain, atoi(argv[3]), strtoul(argv[4], NULL, 10), strtoul(argv[5], NULL, 10));
    if (domain != NULL) virDomainFree(domain);
  }
  virConnectClose(connection);
  return failed;
}
