"""Publishing: the next model beside the old one, the pointer moved, the old one drained; a killed gateway goes on where it was."""
